"""Every table as it stands after 0011, made in one go: a new database is there in a fifth of the time.

Whoever has some of 0001 to 0011 goes on with those; Django itself decides which road is taken.
"""

from collections.abc import Sequence
from importlib import import_module

import datetime

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

FOR_LIKE = import_module("nightlight.store.migrations.0010_fewer_indexes").FOR_LIKE


class CreateAll(Operation):
    """Many tables at once. One by one, Django would draw up all those before it anew for each."""

    def __init__(self, tables: Sequence[migrations.CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """What Django then knows of them."""
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make them."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)
        # What 0010 took away on PostgreSQL is not made at all.
        schema_editor.deferred_sql = [
            each for each in schema_editor.deferred_sql if not any(name in str(each) for name in FOR_LIKE)
        ]

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take them away again."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """In words."""
        return f"Create {len(self.tables)} tables"


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("store", "0001_initial"),
        ("store", "0002_notification_in_order"),
        ("store", "0003_the_circle"),
        ("store", "0004_inviting"),
        ("store", "0005_keeping"),
        ("store", "0006_every_way"),
        ("store", "0007_text"),
        ("store", "0008_host_tests"),
        ("store", "0009_before_and_after"),
        ("store", "0010_fewer_indexes"),
        ("store", "0011_sealed_plan"),
    ]

    dependencies = []

    operations = [
        CreateAll(
            [
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("sign_in_name", models.CharField(max_length=64, null=True, unique=True)),
                        ("passphrase_hash", models.CharField(blank=True, default="", max_length=200)),
                        ("recovery_hash", models.CharField(max_length=64, null=True, unique=True)),
                        ("recovery_made_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("exit_explained_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="account",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "account",
                    },
                ),
                migrations.CreateModel(
                    name="Alert",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("status", models.CharField(max_length=16)),
                        ("need", models.CharField(max_length=16)),
                        ("version", models.IntegerField(default=0)),
                        ("raised_at", models.DateTimeField()),
                        ("resolved_at", models.DateTimeField(null=True)),
                        ("timer_kind", models.CharField(max_length=32, null=True)),
                        ("timer_due", models.DateTimeField(null=True)),
                        ("timer_generation", models.IntegerField(default=0)),
                        ("timer_length", models.DurationField(null=True)),
                        ("state", models.JSONField(default=dict)),
                        ("poisoned_at", models.DateTimeField(null=True)),
                        ("poison_tries", models.IntegerField(default=0)),
                        ("poison_next_at", models.DateTimeField(null=True)),
                        ("poison_why", models.CharField(blank=True, default="", max_length=200)),
                        ("waits_for_host", models.BooleanField(default=False)),
                        ("arranged", models.IntegerField(default=0)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "alert",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "resolved"), _negated=True),
                                fields=["timer_due"],
                                name="alert_timer_due",
                            ),
                            models.Index(fields=["raised_at"], name="alert_raised_at"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "resolved"), _negated=True),
                                fields=("person",),
                                name="alert_one_open_per_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "resolved"),
                                    models.Q(("timer_due__isnull", False), ("timer_kind__isnull", False)),
                                    ("poisoned_at__isnull", False),
                                    ("waits_for_host", True),
                                    _connector="OR",
                                ),
                                name="alert_open_has_a_timer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        ["triggered", "exhausted", "acknowledged", "in_contact", "resolved"],
                                    )
                                ),
                                name="alert_status_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChannelTest",
                    fields=[
                        ("channel", models.CharField(max_length=32, primary_key=True, serialize=False)),
                        ("began_at", models.DateTimeField()),
                        ("results", models.JSONField(default=list)),
                    ],
                    options={
                        "db_table": "channel_test",
                    },
                ),
                migrations.CreateModel(
                    name="Person",
                    fields=[
                        ("id", models.SlugField(max_length=64, primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=100)),
                        ("time_zone", models.CharField(max_length=64)),
                        ("language", models.CharField(max_length=16)),
                        ("moved_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("is_minor", models.BooleanField(default=False)),
                        ("approved_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "person",
                    },
                ),
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("process", models.CharField(max_length=100)),
                        ("round_ms", models.IntegerField(default=0)),
                    ],
                    options={
                        "db_table": "heartbeat",
                    },
                ),
                migrations.CreateModel(
                    name="HostLink",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "host_link",
                    },
                ),
                migrations.CreateModel(
                    name="HostSession",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("account", models.CharField(blank=True, default="", max_length=64)),
                    ],
                    options={
                        "db_table": "host_session",
                    },
                ),
                migrations.CreateModel(
                    name="LadderStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveIntegerField()),
                        ("wait", models.DurationField(default=datetime.timedelta(seconds=300))),
                        ("fair", models.BooleanField(default=False)),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ladder",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "ladder_step",
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("circle", "position"), name="ladder_step_position"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ListenerPlace",
                    fields=[
                        ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("position", models.TextField(blank=True, default="")),
                        ("holder", models.CharField(blank=True, default="", max_length=64)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("heard_at", models.DateTimeField(null=True)),
                        ("trouble", models.CharField(blank=True, default="", max_length=200)),
                    ],
                    options={
                        "db_table": "listener_place",
                    },
                ),
                migrations.CreateModel(
                    name="PlanPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("own_id", models.CharField(max_length=32)),
                        ("revision", models.IntegerField(default=1)),
                        ("body", models.BinaryField()),
                        ("changed_at", models.DateTimeField()),
                        (
                            "vault",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parts",
                                to="store.planvault",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "plan_part",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("vault", "own_id"), name="plan_part_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SeenCallback",
                    fields=[
                        ("key_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "db_table": "seen_callback",
                    },
                ),
                migrations.CreateModel(
                    name="AccountSession",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("created_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("is_lent", models.BooleanField(default=False)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="store.account",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "account_session",
                        "ordering": ["created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="CallWish",
                    fields=[
                        (
                            "alert",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="wish",
                                serialize=False,
                                to="store.alert",
                            ),
                        ),
                        ("place", models.CharField(blank=True, default="", max_length=16)),
                        ("moment", models.CharField(blank=True, default="", max_length=16)),
                        ("text_sealed", models.TextField(blank=True, default="")),
                    ],
                    options={
                        "db_table": "call_wish",
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=100)),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("scopes", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("last_used_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "api_token",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at__isnull", True)),
                                fields=("name",),
                                name="api_token_name_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Challenge",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("challenge", models.CharField(max_length=128)),
                        ("expires_at", models.DateTimeField(db_index=True)),
                        (
                            "account",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.account",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "challenge",
                    },
                ),
                migrations.CreateModel(
                    name="Circle",
                    fields=[
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="circle",
                                serialize=False,
                                to="store.person",
                            ),
                        ),
                        ("know_each_other", models.BooleanField(default=False)),
                        ("end", models.CharField(default="caller", max_length=32)),
                        ("repeat_after", models.DurationField(default=datetime.timedelta(seconds=600))),
                        (
                            "acknowledgement_expires",
                            models.DurationField(default=datetime.timedelta(seconds=600)),
                        ),
                        ("reach_sealed", models.TextField(blank=True, default="")),
                        ("tell_caller", models.BooleanField(default=True)),
                        ("imported_at", models.DateTimeField(null=True)),
                        ("import_noticed_at", models.DateTimeField(null=True)),
                        ("import_undone_at", models.DateTimeField(null=True)),
                        ("version", models.IntegerField(default=0)),
                        ("practise_monthly", models.BooleanField(default=False)),
                        ("practised_at", models.DateTimeField(null=True)),
                        ("call_word_sealed", models.TextField(blank=True, default="")),
                    ],
                    options={
                        "db_table": "circle",
                    },
                ),
                migrations.CreateModel(
                    name="PlanVault",
                    fields=[
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="vault",
                                serialize=False,
                                to="store.person",
                            ),
                        ),
                        ("recipient", models.CharField(max_length=62)),
                        ("verify_key", models.CharField(max_length=43)),
                        ("made_at", models.DateTimeField()),
                        ("words_later", models.SmallIntegerField(default=0)),
                        ("looked_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "plan_vault",
                    },
                ),
                migrations.CreateModel(
                    name="CheckIn",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("key", models.CharField(max_length=64)),
                        ("name", models.CharField(blank=True, default="", max_length=100)),
                        ("rule", models.CharField(default="FREQ=DAILY", max_length=200)),
                        ("at", models.TimeField()),
                        ("starts_on", models.DateField()),
                        ("grace", models.DurationField()),
                        ("remind", models.JSONField(default=list)),
                        ("on_miss", models.CharField(default="remind", max_length=8)),
                        ("need", models.CharField(default="talk", max_length=16)),
                        ("agreed_on", models.DateField(null=True)),
                        ("by_import", models.BooleanField(default=False)),
                        ("on_since", models.DateTimeField(null=True)),
                        ("changed_at", models.DateTimeField(null=True)),
                        ("paused_until", models.DateTimeField(null=True)),
                        ("pause", models.CharField(blank=True, default="", max_length=8)),
                        ("token_hash", models.CharField(max_length=64, null=True, unique=True)),
                        ("token_sealed", models.TextField(blank=True, default="")),
                        ("machine_hash", models.CharField(max_length=64, null=True, unique=True)),
                        ("last_on", models.DateField(null=True)),
                        ("window_on", models.DateField(null=True)),
                        ("window_due", models.DateTimeField(null=True)),
                        ("next_due", models.DateTimeField(null=True)),
                        ("window_began", models.DateTimeField(null=True)),
                        ("window_deadline", models.DateTimeField(null=True)),
                        ("reminded", models.SmallIntegerField(default=0)),
                        ("was_extended", models.BooleanField(default=False)),
                        ("looks_at", models.DateTimeField(null=True)),
                        ("version", models.IntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        (
                            "noted",
                            models.ManyToManyField(
                                db_table="check_in_noted", related_name="+", to="store.person"
                            ),
                        ),
                        (
                            "told",
                            models.ManyToManyField(
                                db_table="check_in_told", related_name="+", to="store.person"
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="check_ins",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "check_in",
                        "ordering": ["at", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("looks_at__isnull", False)),
                                fields=["looks_at"],
                                name="check_in_looks_at",
                            ),
                            models.Index(
                                condition=models.Q(("window_deadline__isnull", False)),
                                fields=["window_deadline"],
                                name="check_in_deadline",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("circle", "key"), name="check_in_key_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("on_since__isnull", True), ("looks_at__isnull", False), _connector="OR"
                                ),
                                name="check_in_on_is_looked_at",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("on_miss__in", ["remind", "tell", "call"])),
                                name="check_in_on_miss_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContactMethod",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("channel", models.CharField(max_length=32)),
                        ("address_sealed", models.TextField()),
                        ("address_hash", models.CharField(db_index=True, max_length=72)),
                        ("after", models.DurationField(default=datetime.timedelta(0))),
                        ("position", models.PositiveIntegerField()),
                        ("proven_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_why", models.CharField(blank=True, default="", max_length=32)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ways",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "contact_method",
                        "ordering": ["position"],
                    },
                ),
                migrations.CreateModel(
                    name="Drill",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("began_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drills",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drills",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "drill",
                        "ordering": ["began_at"],
                        "indexes": [models.Index(fields=["circle", "began_at"], name="drill_of_circle")],
                    },
                ),
                migrations.CreateModel(
                    name="EventRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.IntegerField()),
                        ("at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=40)),
                        ("body", models.JSONField()),
                        ("facts", models.JSONField()),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="events",
                                to="store.alert",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "event",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("alert", "number"), name="event_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FollowUp",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("moment", models.CharField(max_length=16)),
                        ("words_sealed", models.TextField(blank=True, default="")),
                        ("due", models.DateTimeField()),
                        ("planned_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_why", models.CharField(blank=True, default="", max_length=16)),
                        ("token_hash", models.CharField(max_length=64, null=True, unique=True)),
                        (
                            "alert",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="follow_ups",
                                to="store.alert",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="follow_ups",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "follow_up",
                        "ordering": ["due", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at", None)), fields=["due"], name="follow_up_due"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("alert", "moment"), name="follow_up_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Host",
                    fields=[
                        ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                        ("name", models.CharField(blank=True, default="", max_length=100)),
                        ("country", models.CharField(blank=True, default="", max_length=2)),
                        ("emergency_number", models.CharField(blank=True, default="", max_length=32)),
                        ("ways_sealed", models.TextField(blank=True, default="")),
                        ("lines", models.JSONField(default=list)),
                        ("anyone_may_begin", models.BooleanField(default=False)),
                        ("adult_age", models.SmallIntegerField(null=True)),
                        ("minors", models.CharField(blank=True, default="", max_length=16)),
                        ("minors_approved_by", models.CharField(blank=True, default="", max_length=100)),
                        ("push_key_sealed", models.TextField(blank=True, default="")),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("prices", models.JSONField(default=dict)),
                        ("spending_alarm", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                        ("spending_told_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "host",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="host_is_one")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotencyKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key_hash", models.CharField(max_length=64)),
                        ("created_at", models.DateTimeField(db_index=True)),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.alert",
                            ),
                        ),
                        (
                            "token",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.apitoken",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "idempotency_key",
                        "constraints": [
                            models.UniqueConstraint(fields=("token", "key_hash"), name="idempotency_key_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KeptReply",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text_sealed", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("channel", models.CharField(blank=True, default="", max_length=32)),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="kept_replies",
                                to="store.alert",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "kept_reply",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="LadderPlace",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveIntegerField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="places",
                                to="store.ladderstep",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "ladder_place",
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("step", "person"), name="ladder_place_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ListLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.SmallIntegerField()),
                        ("text_sealed", models.TextField()),
                        ("ticked_at", models.DateTimeField(null=True)),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="list_lines",
                                to="store.alert",
                            ),
                        ),
                        (
                            "ticked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "list_line",
                        "ordering": ["position", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Notification",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("host_way", models.IntegerField(null=True)),
                        ("channel", models.CharField(max_length=32)),
                        ("purpose", models.CharField(max_length=16)),
                        ("news", models.CharField(blank=True, default="", max_length=32)),
                        ("message", models.IntegerField()),
                        ("hold", models.IntegerField(default=0)),
                        ("rung", models.IntegerField(default=0)),
                        ("position", models.IntegerField(default=0)),
                        ("first", models.BooleanField(default=False)),
                        ("again", models.BooleanField(default=False)),
                        ("wished", models.BooleanField(default=False)),
                        ("status", models.CharField(default="planned", max_length=16)),
                        ("due", models.DateTimeField(null=True)),
                        ("priority", models.SmallIntegerField(default=0)),
                        ("lease_token", models.CharField(blank=True, default="", max_length=64)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("claimed_at", models.DateTimeField(null=True)),
                        ("evidence", models.CharField(blank=True, default="", max_length=16)),
                        ("failed_before", models.BooleanField(default=False)),
                        ("token_hash", models.CharField(max_length=64, null=True, unique=True)),
                        ("token_sealed", models.TextField(blank=True, default="")),
                        ("code_hash", models.CharField(blank=True, db_index=True, default="", max_length=72)),
                        ("code_sealed", models.TextField(blank=True, default="")),
                        (
                            "address_hash",
                            models.CharField(blank=True, db_index=True, default="", max_length=72),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("why", models.CharField(blank=True, default="", max_length=64)),
                        (
                            "about",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notifications",
                                to="store.alert",
                            ),
                        ),
                        (
                            "contact_method",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notifications",
                                to="store.contactmethod",
                            ),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="merged",
                                to="store.notification",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notifications",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "notification",
                        "indexes": [
                            models.Index(fields=["status", "due"], name="notification_due"),
                            models.Index(fields=["alert", "status"], name="notification_of_alert"),
                            models.Index(
                                fields=["status", "channel", "priority", "due", "position"],
                                name="notification_in_order",
                            ),
                            models.Index(
                                condition=models.Q(("status", "leased")),
                                fields=["lease_until"],
                                name="notification_leased_until",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "planned",
                                            "leased",
                                            "accepted",
                                            "queued",
                                            "failed",
                                            "unknown",
                                            "delivered",
                                            "cancelled",
                                            "skipped",
                                        ],
                                    )
                                ),
                                name="notification_status_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("contact_method__isnull", False),
                                        ("host_way__isnull", True),
                                        ("person__isnull", False),
                                    ),
                                    models.Q(
                                        ("contact_method__isnull", True),
                                        ("host_way__isnull", False),
                                        ("person__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="notification_to_a_person_or_the_host",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "leased"), _negated=True),
                                    models.Q(
                                        ("lease_until__isnull", False),
                                        models.Q(("lease_token", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="notification_leased_has_a_lease",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("contact_method__isnull", False)),
                                fields=("alert", "purpose", "message", "contact_method"),
                                name="notification_once_per_way",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("host_way__isnull", False)),
                                fields=("alert", "purpose", "message", "host_way"),
                                name="notification_once_per_host_way",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attempt",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("number", models.IntegerField()),
                        ("lease_token", models.CharField(max_length=64)),
                        ("provider", models.CharField(max_length=64)),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("outcome", models.CharField(blank=True, default="", max_length=16)),
                        ("reason", models.CharField(blank=True, default="", max_length=200)),
                        (
                            "provider_reference",
                            models.CharField(blank=True, db_index=True, default="", max_length=200),
                        ),
                        ("units", models.SmallIntegerField(default=0)),
                        (
                            "notification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="attempts",
                                to="store.notification",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "attempt",
                        "ordering": ["number"],
                        "indexes": [models.Index(fields=["lease_token"], name="attempt_lease_token")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("notification", "number"), name="attempt_number_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Passkey",
                    fields=[
                        ("credential", models.CharField(max_length=1400, primary_key=True, serialize=False)),
                        ("public_key", models.TextField()),
                        ("sign_number", models.BigIntegerField(default=0)),
                        ("name", models.CharField(blank=True, default="", max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="passkeys",
                                to="store.account",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "passkey",
                        "ordering": ["created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="PersonLink",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("created_at", models.DateTimeField()),
                        ("replaced_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="links",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "person_link",
                    },
                ),
                migrations.CreateModel(
                    name="PlanSlot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("own_id", models.CharField(max_length=32)),
                        ("kind", models.CharField(max_length=1)),
                        ("label_sealed", models.TextField(blank=True, default="")),
                        ("body", models.BinaryField()),
                        ("made_at", models.DateTimeField()),
                        (
                            "session",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.accountsession",
                            ),
                        ),
                        (
                            "vault",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="slots",
                                to="store.planvault",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "plan_slot",
                        "ordering": ["made_at", "id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("vault", "own_id"), name="plan_slot_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Quiet",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("by", models.CharField(max_length=16)),
                        ("reason_sealed", models.TextField(blank=True, default="")),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_by", models.CharField(blank=True, default="", max_length=16)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="quiets",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "quiet",
                        "ordering": ["since", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("person",),
                                name="quiet_one_at_a_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReplyTry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("address_hash", models.CharField(max_length=72)),
                        ("count", models.IntegerField(default=0)),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.alert",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "reply_try",
                        "constraints": [
                            models.UniqueConstraint(fields=("alert", "address_hash"), name="reply_try_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignIn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("how", models.CharField(max_length=16)),
                        ("accepted", models.BooleanField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sign_ins",
                                to="store.account",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "sign_in",
                        "ordering": ["-at", "-id"],
                        "indexes": [models.Index(fields=["account", "at"], name="sign_in_of_account")],
                    },
                ),
                migrations.CreateModel(
                    name="StartLink",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("is_host", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="start_links",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "start_link",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_host", False), ("person__isnull", True), _connector="OR"
                                ),
                                name="start_link_for_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupporterKey",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("recipient", models.CharField(max_length=62)),
                        ("made_at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reading_keys",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reading_keys",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "supporter_key",
                        "ordering": ["made_at", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("circle", "person", "recipient"), name="supporter_key_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupporterLink",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("created_at", models.DateTimeField()),
                        ("replaced_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="supporter_links",
                                to="store.person",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "supporter_link",
                    },
                ),
                migrations.CreateModel(
                    name="TimelineEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("what", models.CharField(max_length=32)),
                        ("who", models.CharField(blank=True, default="", max_length=64)),
                        ("channel", models.CharField(blank=True, default="", max_length=32)),
                        ("detail", models.CharField(blank=True, default="", max_length=500)),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="timeline",
                                to="store.alert",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "timeline_entry",
                        "ordering": ["id"],
                        "indexes": [models.Index(fields=["alert", "id"], name="timeline_of_alert")],
                    },
                ),
                migrations.CreateModel(
                    name="WaitingEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=40)),
                        ("body", models.JSONField()),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="waiting_events",
                                to="store.alert",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "waiting_event",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Afterwards",
                    fields=[
                        (
                            "circle",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="afterwards",
                                serialize=False,
                                to="store.circle",
                            ),
                        ),
                        ("wakes_at", models.TimeField(default=datetime.time(9, 0))),
                        ("notes_on", models.BooleanField(default=True)),
                        ("moments", models.JSONField(default=list)),
                        ("words_a_day", models.SmallIntegerField(default=3)),
                    ],
                    options={
                        "db_table": "afterwards",
                    },
                ),
                migrations.CreateModel(
                    name="CallCard",
                    fields=[
                        (
                            "circle",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="call_card",
                                serialize=False,
                                to="store.circle",
                            ),
                        ),
                        ("text_sealed", models.TextField(blank=True, default="")),
                        ("changed_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "call_card",
                    },
                ),
                migrations.CreateModel(
                    name="WordBack",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("text_sealed", models.TextField()),
                        ("channel", models.CharField(blank=True, default="", max_length=32)),
                        ("at", models.DateTimeField()),
                        ("host_told_at", models.DateTimeField(null=True)),
                        ("taken_by_host", models.BooleanField(default=False)),
                        ("taken_at", models.DateTimeField(null=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "writer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="words_back",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "word_back",
                        "ordering": ["at", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("taken_at", None)), fields=["at"], name="word_back_open"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Thought",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="thoughts",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="thoughts",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "thought",
                        "ordering": ["at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Talk",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("by_member", models.BooleanField(default=False)),
                        ("on", models.DateField(db_column="local_date")),
                        ("made_at", models.DateTimeField()),
                        ("reminded_on", models.DateField(null=True)),
                        ("member_reminded_on", models.DateField(null=True)),
                        ("looks_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_why", models.CharField(blank=True, default="", max_length=16)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="talks",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "talk",
                        "ordering": ["on", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("looks_at__isnull", False)),
                                fields=["looks_at"],
                                name="talk_looks_at",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Stay",
                    fields=[
                        (
                            "alert",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="stay",
                                serialize=False,
                                to="store.alert",
                            ),
                        ),
                        ("offered_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        ("words_sealed", models.TextField(blank=True, default="")),
                        ("arrived_at", models.DateTimeField(null=True)),
                        ("home_at", models.DateTimeField(null=True)),
                        ("looks_at", models.DateTimeField(null=True)),
                        ("asked", models.SmallIntegerField(default=0)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="stays",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "stay",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("looks_at__isnull", False)),
                                fields=["looks_at"],
                                name="stay_looks_at",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SealedNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("own_id", models.CharField(max_length=32)),
                        ("body", models.BinaryField()),
                        ("made_at", models.DateTimeField()),
                        (
                            "writer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sealed_notes",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sealed_notes",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "sealed_note",
                        "ordering": ["made_at", "id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("circle", "own_id"), name="sealed_note_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Promise",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("what", models.CharField(max_length=16)),
                        ("words_sealed", models.TextField(blank=True, default="")),
                        ("due", models.DateTimeField()),
                        ("made_at", models.DateTimeField()),
                        ("looks_at", models.DateTimeField(null=True)),
                        ("reminded", models.SmallIntegerField(default=0)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_why", models.CharField(blank=True, default="", max_length=16)),
                        (
                            "alert",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="promises",
                                to="store.alert",
                            ),
                        ),
                        (
                            "asked",
                            models.ManyToManyField(
                                db_table="promise_asked", related_name="+", to="store.person"
                            ),
                        ),
                        (
                            "declined",
                            models.ManyToManyField(
                                db_table="promise_declined", related_name="+", to="store.person"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="promises",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="promises",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "promise",
                        "ordering": ["due", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("looks_at__isnull", False)),
                                fields=["looks_at"],
                                name="promise_looks_at",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("purpose", models.CharField(max_length=16)),
                        ("token_hash", models.CharField(max_length=64, null=True, unique=True)),
                        ("token_sealed", models.TextField(blank=True, default="")),
                        ("code_sealed", models.TextField(blank=True, default="")),
                        ("words_sealed", models.TextField(blank=True, default="")),
                        ("wrong_codes", models.SmallIntegerField(default=0)),
                        ("status", models.CharField(max_length=16)),
                        ("outcomes", models.JSONField(default=list)),
                        ("began_with", models.SmallIntegerField(default=0)),
                        ("units", models.IntegerField(default=0)),
                        ("reason", models.CharField(blank=True, default="", max_length=200)),
                        ("due", models.DateTimeField(null=True)),
                        ("lease_token", models.CharField(blank=True, default="", max_length=64)),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "about",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "check_in",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to="store.checkin",
                            ),
                        ),
                        (
                            "contact_method",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to="store.contactmethod",
                            ),
                        ),
                        (
                            "drill",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to="store.drill",
                            ),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to="store.followup",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "notice",
                        "ordering": ["created_at"],
                        "indexes": [
                            models.Index(fields=["status", "due"], name="notice_due"),
                            models.Index(fields=["lease_token"], name="notice_lease_token"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NeverContact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "address_hash",
                            models.CharField(blank=True, db_index=True, default="", max_length=72),
                        ),
                        ("address_sealed", models.TextField(blank=True, default="")),
                        ("by_import", models.BooleanField(default=False)),
                        ("added_at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="never_contact",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "never_contact",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("person__isnull", False),
                                    models.Q(("address_hash", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="never_contact_names_someone",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveIntegerField(default=0)),
                        ("agreed_on", models.DateField(null=True)),
                        ("agreed_until", models.DateField(null=True)),
                        ("offers", models.JSONField(default=list)),
                        ("wake_me", models.BooleanField(default=False)),
                        ("hours_from", models.TimeField(null=True)),
                        ("hours_until", models.TimeField(null=True)),
                        ("paused_until", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("ended_why", models.CharField(blank=True, default="", max_length=32)),
                        ("last_asked_at", models.DateTimeField(null=True)),
                        ("is_adult", models.BooleanField(default=True)),
                        ("is_parent", models.BooleanField(default=False)),
                        ("lock_words", models.CharField(blank=True, default="", max_length=32)),
                        ("lock_words_sealed", models.TextField(blank=True, default="")),
                        ("own_word_sealed", models.TextField(blank=True, default="")),
                        ("pretext_sealed", models.TextField(blank=True, default="")),
                        ("renewal_asked_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "membership",
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("circle", "person"), name="membership_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("hours_from__isnull", True), ("hours_until__isnull", True)),
                                    models.Q(("hours_from__isnull", False), ("hours_until__isnull", False)),
                                    _connector="OR",
                                ),
                                name="membership_hours_both_or_neither",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MemberNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text_sealed", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="member_notes",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="member_notes",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "member_note",
                        "ordering": ["at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Keeping",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("answer", models.CharField(blank=True, default="", max_length=8)),
                        ("look_on", models.DateField()),
                        ("reminded_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="keepings",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="keepings",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "keeping",
                        "ordering": ["asked_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("token_sealed", models.TextField()),
                        ("name", models.CharField(max_length=100)),
                        ("offers", models.JSONField(default=list)),
                        ("words_sealed", models.TextField(blank=True, default="")),
                        ("language", models.CharField(default="en", max_length=16)),
                        ("is_adult", models.BooleanField(default=True)),
                        ("is_parent", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("opened_at", models.DateTimeField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("answer", models.CharField(blank=True, default="", max_length=8)),
                        ("reply_sealed", models.TextField(blank=True, default="")),
                        ("wrong_addresses", models.SmallIntegerField(default=0)),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "invitation",
                        "ordering": ["created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="HereNote",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("text_sealed", models.TextField()),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(db_index=True)),
                        (
                            "readers",
                            models.ManyToManyField(
                                db_table="here_note_reader", related_name="+", to="store.person"
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="here_notes",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "here_note",
                        "ordering": ["created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Concern",
                    fields=[
                        ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("answer", models.CharField(blank=True, default="", max_length=16)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="concerns",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="concerns",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "concern",
                        "ordering": ["at"],
                    },
                ),
                migrations.CreateModel(
                    name="AfterHelping",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("due", models.DateTimeField()),
                        ("asked_at", models.DateTimeField(null=True)),
                        ("answer", models.CharField(blank=True, default="", max_length=16)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("wants_host_at", models.DateTimeField(null=True)),
                        ("host_did_at", models.DateTimeField(null=True)),
                        ("notes_answered_at", models.DateTimeField(null=True)),
                        (
                            "alert",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.alert",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="after_helping",
                                to="store.person",
                            ),
                        ),
                        (
                            "circle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="store.circle",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "after_helping",
                        "ordering": ["due", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("asked_at", None)),
                                fields=["due"],
                                name="after_helping_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("alert", "person"), name="after_helping_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanShare",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("own_id", models.CharField(max_length=32)),
                        ("version", models.IntegerField()),
                        ("body", models.BinaryField()),
                        ("half", models.BinaryField()),
                        ("kept_sealed", models.TextField()),
                        ("made_at", models.DateTimeField()),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shares",
                                to="store.planpart",
                            ),
                        ),
                        (
                            "key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shares",
                                to="store.supporterkey",
                            ),
                        ),
                        (
                            "vault",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shares",
                                to="store.planvault",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "plan_share",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("vault", "own_id"), name="plan_share_once"),
                            models.UniqueConstraint(fields=("part", "key"), name="plan_share_of_a_part_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanPairing",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("made_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(db_index=True)),
                        ("asker_hash", models.CharField(blank=True, default="", max_length=64)),
                        ("recipient", models.CharField(blank=True, default="", max_length=62)),
                        ("proof", models.CharField(blank=True, default="", max_length=128)),
                        ("label_sealed", models.TextField(blank=True, default="")),
                        ("approved_at", models.DateTimeField(null=True)),
                        ("collected_at", models.DateTimeField(null=True)),
                        (
                            "slot",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.planslot",
                            ),
                        ),
                        (
                            "vault",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="pairing",
                                to="store.planvault",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "plan_pairing",
                    },
                ),
                migrations.CreateModel(
                    name="PlanOpening",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "alert",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.alert",
                            ),
                        ),
                        (
                            "supporter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.person",
                            ),
                        ),
                        (
                            "vault",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="openings",
                                to="store.planvault",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "plan_opening",
                        "ordering": ["at", "id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("supporter", "alert"), name="plan_opening_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckInWindow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(db_column="local_date")),
                        ("due", models.DateTimeField()),
                        ("ended_at", models.DateTimeField()),
                        ("came", models.CharField(max_length=10)),
                        ("how", models.CharField(blank=True, default="", max_length=8)),
                        ("by", models.CharField(blank=True, default="", max_length=8)),
                        ("why", models.CharField(blank=True, default="", max_length=8)),
                        ("late_at", models.DateTimeField(null=True)),
                        (
                            "alert",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="store.alert",
                            ),
                        ),
                        (
                            "check_in",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="windows",
                                to="store.checkin",
                            ),
                        ),
                        (
                            "told",
                            models.ManyToManyField(
                                db_table="check_in_window_told", related_name="+", to="store.person"
                            ),
                        ),
                    ],
                    options={
                        "db_table": "check_in_window",
                        "ordering": ["on", "id"],
                        "indexes": [models.Index(fields=["ended_at"], name="check_in_window_ended")],
                        "constraints": [
                            models.UniqueConstraint(fields=("check_in", "on"), name="check_in_window_once"),
                            models.CheckConstraint(
                                condition=models.Q(("came__in", ["made", "excused", "missed"])),
                                name="check_in_window_came_known",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
