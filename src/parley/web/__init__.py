"""The browser's side of a node: HTTP, two WebSockets and the interface's files.

How a request is answered: the gatekeeper (:mod:`parley.web.gatekeeper`) looks at it first, whatever
it is for: does it name this node, does it come from this node's own pages, is it small and quick
enough, and not one too many. Then the route's guard (:mod:`parley.web.guard`) says who may; every
route declares one, or the node does not start. The route calls a service and answers with one of
the structures the interface's types are generated from (:mod:`parley.web.schema`).

What if it fails: whatever is raised becomes a problem document (RFC 9457) with a stable code in
:mod:`parley.web.problems`, the only place that knows HTTP statuses. A fault of ours becomes a plain
``web.fault`` and a log entry; nothing of it reaches the page. A page that reads too slowly or
writes too much loses its WebSocket and comes back.

Invariant: no route decides anything; no other package knows of HTTP.
"""
