"""From run folders to tables and pictures. Needs no ROS installation, and no torch."""
