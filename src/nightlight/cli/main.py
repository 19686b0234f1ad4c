"""`nightlight`: the one command, and how each of its parts ends.

It is read fast: no command is loaded further than its words, and Django only by those that need it.
"""

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from nightlight import __version__
from nightlight.cli.bench import bench
from nightlight.cli.calls import answer, call, resolve, status
from nightlight.cli.circles import circle, rehearse
from nightlight.cli.doctor import doctor
from nightlight.cli.failures import MACHINE, failure_of
from nightlight.cli.keeping import backup, restore
from nightlight.cli.links import host, link, token
from nightlight.cli.migrating import migrate
from nightlight.cli.people import erase, export, stop_all
from nightlight.cli.plan import plan
from nightlight.cli.processes import web, worker
from nightlight.cli.replaying import replay
from nightlight.cli.serve import serve
from nightlight.cli.simulate import simulate
from nightlight.cli.starting import start_link
from nightlight.cli.trying import try_out


class OneLineErrors(click.Group):
    """A group whose failures are one line on standard error and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "nightlight",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that *args* name; unless embedded in another program, end the process."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            # A number comes back only from click's own exit, after --help or --version.
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            _end(error)
        except (click.Abort, KeyboardInterrupt):
            click.echo("nightlight: stopped", err=True)
            sys.exit(MACHINE)
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            _end(failure)
        sys.exit(code if isinstance(code, int) else 0)


def _end(error: click.ClickException) -> NoReturn:
    message = " ".join(error.format_message().split())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message = f"{message.rstrip('.')}; `{error.ctx.command_path} --help` shows how"
    click.echo(f"nightlight: {message}", err=True)
    sys.exit(error.exit_code)


@click.group(cls=OneLineErrors, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="nightlight")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Help a person reach the people who agreed to support them.

    Data goes to standard output, talk to standard error.
    Exit codes: 0 done, 1 the machine failed, 2 you can mend it, 3 `nightlight migrate` first.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for _command in (
    *(serve, web, worker, migrate, try_out),
    *(circle, rehearse, link, start_link, host),
    *(call, status, answer, resolve),
    *(export, erase, stop_all, plan),
    *(doctor, token, backup, restore),
    *(bench, simulate, replay),
):
    main.add_command(_command)

if __name__ == "__main__":
    main()
