"""Helpers of chapter 13: the published loop as a patient, a run to kill, one in two processes."""
