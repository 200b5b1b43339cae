"""A program saved by torch.export -> a tape of calls and the layout of every tensor.

Read as the JSON that it is, without torch. What an operator means is aten/'s.
"""
