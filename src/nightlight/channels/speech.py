"""Sentences made into sound, for a telephone line. Nothing leaves the machine: espeak-ng speaks, sox fits it."""

import io
import re
import subprocess
import tempfile
import wave
from pathlib import Path

from nightlight.channels.base import Spoken

RATE = 8000
"""Samples a second, each of 16 bits: what a telephone line carries."""
SPEAK_SECONDS_MAX = 4
WORDS_A_MINUTE = "140"
PAUSE_SECONDS = 1.0
BEGIN_SECONDS = 0.7
"""Whoever picks up needs a moment to have the phone at their ear."""

_VOICES = {"en": "en-gb", "pt": "pt", "pt-br": "pt-br"}


class NoSpeech(Exception):
    """Nothing could be spoken; the text says which program broke."""


def speech(spoken: Spoken, *, times: int = 1, then_silence: float = 0) -> bytes:
    """*spoken* said so many *times*, and then so many seconds of nothing, as a WAV file. Raises `NoSpeech`."""
    said = _samples("\n".join(re.sub(r"[\[\]<>&]", " ", each) for each in spoken.said), spoken.language)
    parts = [_silence(BEGIN_SECONDS), *([said, _silence(PAUSE_SECONDS)] * times), _silence(then_silence)]
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(b"".join(parts))
    return file.getvalue()


def _samples(text: str, language: str) -> bytes:
    if not re.search(r"\w", text):
        return b""
    voice = _VOICES.get(language.lower()) or _VOICES.get(language.lower().partition("-")[0]) or _VOICES["en"]
    with tempfile.TemporaryDirectory(prefix="nightlight-speech-") as folder:
        spoken = str(Path(folder) / "spoken.wav")
        _run(["espeak-ng", "-v", voice, "-s", WORDS_A_MINUTE, "--stdin", "-w", spoken], text)
        fitted = ["-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer", "-L", "-t", "raw", "-"]
        return _run(["sox", "-V1", spoken, *fitted], "")


def _run(command: list[str], given: str) -> bytes:
    try:
        done = subprocess.run(
            command,
            input=given.encode("utf-8", "replace"),
            capture_output=True,
            timeout=SPEAK_SECONDS_MAX,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoSpeech(command[0]) from error
    return done.stdout


def _silence(seconds: float) -> bytes:
    return bytes(2 * int(RATE * seconds))
