"""Models that frameworks have saved, as things that `serve` takes. One framework a file, imported when it is asked for."""
