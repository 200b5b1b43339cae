"""Two states of networks beside each other. Where old states come from is in history/."""
