"""The rclpy shells: parameters in, topics out. No mathematics here, and no learning in a callback."""
