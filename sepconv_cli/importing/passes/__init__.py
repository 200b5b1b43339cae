"""What one forward pass needs: a module that can run, what it runs on, the tensors that it makes.

torch is imported here.
"""
