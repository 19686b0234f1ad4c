"""A device that somebody lets show our messages: a real Firefox, on the real page of a running service."""

import subprocess
import sys

from tests.servers.firefox import Firefox, Tab
from tests.servers.nightlight import Nightlight

HERE = "127.0.0.0/8"
"""What a host allows so that addresses on this machine count as reachable: for tests, and nowhere else."""
CONTACT = "mailto:desk@example.org"


def own_ways_page(house: Nightlight, person: str) -> str:
    """The address of the page on which *person* keeps their ways, by a fresh link of their own."""
    command = [sys.executable, "-m", "tests.browser.inside", str(house.data), "own", person]
    done = subprocess.run(command, env=house.environ, check=True, capture_output=True, text=True)
    return f"{house.base_url}{done.stdout.strip()}/ways"


def uses_this_device(house: Nightlight, firefox: Firefox, person: str) -> Tab:
    """*person* opens their page, lets this browser show messages, and taps the first one; their tab."""
    page = firefox.person()
    page.open(own_ways_page(house, person))
    page.press("[data-device] button")
    page.until("A message is on its way there.")
    firefox.tap("Please tap")
    page.opened("/p/").until("This reaches you.")
    return page
