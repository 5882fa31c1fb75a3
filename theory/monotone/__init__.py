"""Strictly monotone functions: the pessimist, the entropy certificate, HotTopic. One file each; nothing is loaded with theory."""
