"""What the operating system and other services need: files, threads, secrets, signatures."""
