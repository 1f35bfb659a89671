namespace Fovea.Torch.Tests;

public class CountedTests
{
    [Theory]
    [InlineData(0, "image", "0 images")]
    [InlineData(1, "image", "1 image")]
    [InlineData(2, "image", "2 images")]
    [InlineData(1, "class", "1 class")]
    [InlineData(5, "more class", "5 more classes")]
    [InlineData(3, "batch", "3 batches")]
    [InlineData(3, "box", "3 boxes")]
    [InlineData(1200, "state-dict entry", "1200 state-dict entries")]
    [InlineData(2, "key", "2 keys")]
    [InlineData(2, "epoch", "2 epochs")]
    public void Nouns_go_with_their_number(long count, string noun, string text) =>
        Assert.Equal(text, Counted.Of(count, noun));

    [Fact]
    public void A_form_for_many_is_taken_as_given()
    {
        Assert.Equal("1 image has", Counted.Of(1, "image has", "images have"));
        Assert.Equal("0 images have", Counted.Of(0, "image has", "images have"));
    }
}
