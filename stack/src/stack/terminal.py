"""What the person who typed `make` reads."""


def say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - the one place of this package that writes to the terminal
