"""`python -m stack.keys`: make the secrets key and the console's token under SCONNECT_HOME, once."""

from stack.home import Home
from stack.settings import StackSettings


def main() -> None:
    home = Home(StackSettings().home)
    home.create()
    home.secrets_key_file()
    home.token_file()


if __name__ == "__main__":
    main()
