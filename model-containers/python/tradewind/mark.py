"""The attribute under which a function carries its signature."""

MARK = "__tradewind__"
