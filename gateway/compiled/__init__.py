"""What a snapshot document becomes: policies and catalogue, ready to decide."""
