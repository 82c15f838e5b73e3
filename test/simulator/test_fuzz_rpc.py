from fuzz_rpc import fuzz


def test_thousands_of_wrong_messages_neither_end_nor_fill_the_server():
    report = fuzz(messages=2000, seed=1)
    assert report.answers > 100
    assert report.errors > 300
    assert report.hung_up > 300
    assert report.memory_most - report.memory_before < 100e6
