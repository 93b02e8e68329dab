"""Publishing of snapshots."""
