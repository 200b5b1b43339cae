"""Which layers a device's arithmetic holds up, and which its memory: points under a roof."""
