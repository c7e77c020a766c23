import base64
import hashlib
import hmac
import json


def tick(ctx):
    body = json.dumps({"b": [1, 2], "a": None}, separators=(",", ":"), sort_keys=True)
    mac = hmac.new(b"secret", body.encode(), hashlib.sha256).hexdigest()
    token = base64.urlsafe_b64encode(hashlib.md5(body.encode()).digest()).decode().rstrip("=")
    return mac, token, hmac.compare_digest(mac, mac)
