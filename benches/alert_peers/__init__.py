"""What `benches/alert_peers.py` runs beside `parley drill alert`, over the same emulated wire.

Two federating Synapse servers (those of `benches/record_peers.py`): a text from one person to
another, and the read receipt that goes back. Prometheus Alertmanager: an alert given to it on the
near side, and the webhook it calls on the far side. Neither proves anything to the other party.
"""
