"""Two nodes that open a WebSocket to each other and send in real time, while links are cut and restored.

    python -m wire.samples.peers --name a --listen 7001 --peer ws://127.0.0.1:7002/peer
    python -m wire.samples.peers --name b --listen 7002 --peer ws://127.0.0.1:7001/peer

Lines typed at one come out at the other. Either may dial, or both; whoever has no link dials again, after a while that
grows and has some chance in it.

What is said over a link is JSON, one object in a text message; ``messages`` has the table:

    {"type": "hello", "node": "a", "run": "5f0c…", "first": 17, "knows": "91be…", "done": 4}
    {"type": "use", "link": 3}
    {"type": "message", "number": 17, "text": "any text"}
    {"type": "ack", "number": 17}

1. Both say ``hello`` at once: who they are, which run of the program this is, the number of the first message that the
   other has not acknowledged, which run of the other they know, and how many of its messages they are done with.
2. The node with the smaller name decides which link lives: the newest, over which it says ``use``; the one before it is
   closed. Links are numbered, so that the other node also knows which is newer. Where both dial at once, the link whose
   ``hello`` comes last to the smaller node survives. A link that only one side knows to be dead is replaced like this.
3. Messages are numbered from 1 for each run, and sent in order, from the first that is not acknowledged. Each is kept
   until then, and there is a bound on how many are: ``send`` waits.
4. A number that was taken before is dropped; one after a gap ends the link, as does all else that is no such message.
5. ``ack`` says that the application is done with a message and all before it: it has asked for the next.

As long as both run, each message comes out once, in order, however often links are cut. If a node is killed and started
again, then:

- what it had acknowledged is not lost, since it had done with it what it does;
- what the other says comes out again from the first that was not acknowledged: once in each run at most, where the old
  one was killed between being done and saying so;
- what it had said, and the other had not acknowledged, may be lost with it, since it is kept in memory. Its numbers
  begin at 1 again, and the other tells by the run that these are new messages.

Nothing here asks who the other one is: whoever can connect can say that it is the peer. Outside of a trusted network,
both would show certificates (TLS) or a token.
"""
