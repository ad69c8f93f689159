"""Long runs of chapter 20."""
