"""The command line, the report and the demo. No science in here: that is in theory, sim and proofs_check."""
