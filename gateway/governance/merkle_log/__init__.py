"""The Merkle log over the entries of all processes: its sequencer, its reader, its keys."""
