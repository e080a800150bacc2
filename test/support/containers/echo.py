"""An author's container that gives back what it gets, of every dtype."""

from tradewind import serve


def echo(batch):
    return batch.inputs


serve(echo)
