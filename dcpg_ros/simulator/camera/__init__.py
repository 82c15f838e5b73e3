"""What cameras see: colours, depths, normals and segmentation, from one trace of a pose."""

from dcpg_ros.simulator.camera.frame import Frame, Renderer
from dcpg_ros.simulator.camera.images import ImageType, Picture, picture
from dcpg_ros.simulator.camera.lens import Lens

__all__ = ["Frame", "ImageType", "Lens", "Picture", "Renderer", "picture"]
