"""`python -m sepconv_cli` is `sepconv`."""

from sepconv_cli.cli import main

if __name__ == "__main__":
    main()
