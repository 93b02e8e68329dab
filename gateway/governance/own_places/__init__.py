"""What the owner of a use case and the lead of a team see and do; nothing else is theirs."""
