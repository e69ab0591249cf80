"""moto's interpreter behind its own server: one execution of a chain of Pass states after the other, in memory.

It is told to forget everything before each: after the first execution it cannot start another.
Prints {"executions_per_second", "transitions_per_second"}: moto_step_functions.py STATES EXECUTIONS"""
import json
import logging
import statistics
import sys
import time
import urllib.request

import boto3
from moto.server import ThreadedMotoServer


def chain(states):
    return json.dumps({"StartAt": "S0", "States": {
        f"S{i}": {"Type": "Pass", **({"Next": f"S{i + 1}"} if i + 1 < states else {"End": True})} for i in range(states)}})


def main():
    states, executions = map(int, sys.argv[1:])
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())

    def post(path, body):
        with urllib.request.urlopen(urllib.request.Request(url + path, method="POST", data=json.dumps(body).encode())):
            pass

    post("/moto-api/config", {"stepfunctions": {"execute_state_machine": True}})
    client = boto3.client("stepfunctions", endpoint_url=url, region_name="us-east-1", aws_access_key_id="bench",
                          aws_secret_access_key="bench")
    times = []
    for _ in range(executions):
        post("/moto-api/reset", {})
        machine = client.create_state_machine(name="bench", definition=chain(states),
                                              roleArn="arn:aws:iam::123456789012:role/bench")["stateMachineArn"]
        begun = time.perf_counter()
        execution = client.start_execution(stateMachineArn=machine)["executionArn"]
        while client.describe_execution(executionArn=execution)["status"] == "RUNNING":
            pass
        times.append(time.perf_counter() - begun)
    server.stop()
    seconds = statistics.median(times)
    print(json.dumps({"executions_per_second": 1 / seconds, "transitions_per_second": states / seconds}))


if __name__ == "__main__":
    main()
