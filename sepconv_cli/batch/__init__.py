"""Many specs -> rows: found, dealt out in chunks, counted by many processes, written as one table.

streams.py names what is read and documents.py cuts it into documents, lazily. outcome.py turns
documents into rows and is all that a worker runs. dispatch.py keeps a crew of workers busy
(processes.py: local ones, cluster.py: Dask) and survives their deaths; store.py remembers what was
counted; write.py (by the room `files`) and summary.py make the results. run.py ties them together.
"""
