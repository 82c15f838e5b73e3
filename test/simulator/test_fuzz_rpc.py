from fuzz_rpc import fuzz


def test_thousands_of_wrong_messages_neither_end_nor_fill_the_server(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text('{"CameraDefaults": {"CaptureSettings": [{"Width": 32, "Height": 18}]}}')
    report = fuzz(2000, 1, "--scene", "indoor_twist", "--clock-speed", "0", "--settings", str(settings))
    assert report.answers > 300
    assert report.errors > 500
    assert report.hung_up > 300
    assert report.memory_most - report.memory_before < 100e6
