"""The task that Celery runs for the measurement: it notes one byte for each message it got.

Run as a program it sends: celery_job.py COUNT SIZE THREADS"""
import os
import sys
import threading

from celery import Celery

app = Celery("bench", broker=os.environ["BENCH_AMQP"])
app.conf.update(
    task_ignore_result=True, task_acks_late=True, broker_pool_limit=None, worker_hijack_root_logger=False,
    broker_transport_options={"confirm_publish": True})
DONE = os.open(os.environ["BENCH_DONE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


@app.task(name="job")
def job(_text):
    os.write(DONE, b".")


def send(count, size):
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        for _ in range(count):
            job.apply_async(("x" * size,), producer=producer, delivery_mode=2)


def main():
    count, size, threads = map(int, sys.argv[1:])
    shares = [count // threads + (number < count % threads) for number in range(threads)]
    running = [threading.Thread(target=send, args=(share, size)) for share in shares]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


if __name__ == "__main__":
    main()
