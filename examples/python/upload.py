"""Starts an upload by the workflow's name and awaits its result: python upload.py FILE

The path is the worker's: `npx temporal-gemini-files worker --allow-root FOLDER` runs one. `pip install temporalio` is all that this
program needs; the schemas of input, result and failure details are in schemas/.
"""

import asyncio
import os
import sys
import uuid

from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError


async def main(path: str) -> int:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    try:
        file = await client.execute_workflow(
            "uploadAndWaitActive",
            {"path": path, "timeout": "90s"},
            id=f"upload-{uuid.uuid4()}",
            task_queue=os.environ.get("TASK_QUEUE", "gemini-files"),
        )
    except WorkflowFailureError as failure:
        if not isinstance(failure.cause, ApplicationError):
            raise
        print(f"{failure.cause.type}: {failure.cause.message}", failure.cause.details[0])
        return 1
    print(file["state"], file["uri"])
    return 0


code = asyncio.run(main(sys.argv[1]))
sys.stdout.flush()
# At Python's own exit, a thread of the SDK that has not ended yet can crash the process (temporalio/sdk-python#300).
os._exit(code)
