from pantry.stock import Stock


def test_what_is_put_in_can_be_taken_out() -> None:
    stock = Stock()
    stock.put("flour", 3)
    stock.take("flour")
    assert stock.pieces == {"flour": 2}
