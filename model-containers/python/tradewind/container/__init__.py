"""The kit: a Python function as one replica, by the wire of model-containers/README.md."""
