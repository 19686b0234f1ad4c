"""What machines and strangers send that must not be taken for somebody's yes. Pure.

Scanners open the links in a text, phones and mail programs answer by themselves, chat programs send
a message back with a heart on it, and a sender's number is written by whoever sends.
"""

import random
from collections.abc import Mapping, Sequence

SCANNERS = (
    "Mozilla/5.0 (compatible; Microsoft Office/16.0; MSOffice 16)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "curl/8.5.0",
    "",
)
"""How programs call themselves that look at links before anybody does."""

LOOKS_AHEAD: Sequence[Mapping[str, str]] = (
    {},
    {"Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
    {"Range": "bytes=0-1023"},
)

AUTO_REPLIES = (
    "I'm driving right now. I'll get back to you later.",
    "I'm driving with Focus turned on. I'll see your message when I get where I'm going.",
    "Auto-reply: I am out of the office until Monday and will answer then.",
    "Automatic reply: yes, your message was received.",
    "Thank you for your message! We will call you back. Yes, really.",
    "This number does not accept replies. For help visit example.org",
    "I can see your message when I am back. OK",
    "Do Not Disturb is on. They will be notified.",
    "You have reached a voicemail box. Please leave a message.",
    "Yes! Thanks for texting. Office hours are 9 to 5. Text 123456 for more.",
    "Estou a conduzir. Respondo assim que puder.",
    "Resposta automática: estou ausente até segunda. Sim, recebi a mensagem.",
    "Ich fahre gerade Auto und melde mich später.",
    "Automatische Antwort: ja, Ihre Nachricht ist angekommen.",
    "Je conduis, je vous rappelle plus tard. Oui oui.",
    "Estoy conduciendo. Sí, he visto el mensaje.",
    "Mailbox full",
    "Message blocked",
    "550 5.1.1 User unknown",
    "👍",
    "ok",
    "Yes",
)
"""Without the digits; none of them says no."""

QUOTES = (
    "Liked “{text}”",
    "Loved “{text}”",
    "Emphasized “{text}”",
    "Gostou de “{text}”",
    "Adorou “{text}”",
    "👍 to “{text}”",
    'Reacted 👍 to "{text}"',
    "Hat „{text}“ mit „Gefällt mir“ markiert",
    "A aimé « {text} »",
    "> {text}\n\nI'm away and will read this on Monday.",
    "Re: {text}",
    "Fwd: {text}",
    "{text}",
    "{text}\n-- \nSent automatically",
    "I am driving. You wrote: {text}",
    "Estou a conduzir. Escreveste: {text}",
)
"""With our own words in them, so with the digits too."""


def other_digits(code: str, chance: random.Random) -> str:
    """Six digits that are not *code*, often nearly."""
    while True:
        place = chance.randrange(5)
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        made = chance.choice(
            (swapped, f"{chance.randrange(10**6):06}", code[::-1], f"{(int(code) + 1) % 10**6:06}")
        )
        if made != code:
            return made


def says_yes_to(code: str, chance: random.Random) -> str:
    """A text that would be a yes with the right digits from the right number."""
    return chance.choice(("{}", "yes {}", "{} yes", "YES {}!", "ok {}", "{} on my way", "sim {}")).format(
        code
    )


def one_of(choices: Sequence[str], chance: random.Random) -> str:
    """Any of them."""
    return choices[chance.randrange(len(choices))]
