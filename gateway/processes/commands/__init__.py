"""The commands of ``sluis``, a file for each subject."""
