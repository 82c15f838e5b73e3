"""MessagePack-RPC over TCP as rpclib speaks it: framing, messages, methods and the server."""

from dcpg_ros.simulator.rpc.arrays import float32_array
from dcpg_ros.simulator.rpc.messages import RpcError
from dcpg_ros.simulator.rpc.registry import Registry, rpc, words
from dcpg_ros.simulator.rpc.server import Limits, RpcServer

__all__ = ["Limits", "Registry", "RpcError", "RpcServer", "float32_array", "rpc", "words"]
