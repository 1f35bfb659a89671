namespace Fovea.Tests;

public class PythonReferenceTests
{
    [Fact]
    public void Arrays_of_every_type_go_out_and_come_back()
    {
        var answer = PythonReference.Run(
            """
            assert f.shape == (2, 3) and f.dtype == np.float32 and b.dtype == bool
            for name in ('f', 'd', 'i', 'l', 'u', 'b', 'e'): out[name] = globals()[name]
            out['transposed'] = f.T
            out['number'] = 7
            out['text'] = 'grüße'
            """,
            ("f", new NdArray(new float[] { 1, 2, 3, 4, 5, 6.5f }, 2, 3)), ("d", new[] { 0.1, double.NaN }), ("i", new[] { -1, 2 }),
            ("l", new[] { long.MinValue }), ("u", new byte[] { 255, 0 }), ("b", new[] { true, false }), ("e", new NdArray(Array.Empty<float>(), 0, 4)));
        Assert.Equal([1, 2, 3, 4, 5, 6.5f], answer.Floats("f"));
        Assert.Equal([2, 3], answer["f"].Shape);
        Assert.Equal([0.1, double.NaN], answer.Doubles("d"));
        Assert.Equal([-1, 2], answer.Longs("i"));
        Assert.Equal([long.MinValue], answer.Longs("l"));
        Assert.Equal(new byte[] { 255, 0 }, answer["u"].Data);
        Assert.Equal(new[] { true, false }, answer["b"].Data);
        Assert.Equal([0, 4], answer["e"].Shape);
        Assert.Equal([1, 4, 2, 5, 3, 6.5f], answer.Floats("transposed"));
        Assert.Equal([7], answer.Longs("number"));
        Assert.Equal("grüße", answer.Text("text"));
    }

    [Fact]
    public void An_exception_in_the_snippet_fails_with_its_words_and_the_next_snippet_runs()
    {
        var error = Assert.Throws<InvalidOperationException>(() => PythonReference.Run("raise ValueError('wrong shape')"));
        Assert.Contains("ValueError: wrong shape", error.Message, StringComparison.Ordinal);
        Assert.Equal([3], PythonReference.Run("print('chatter'); out['x'] = np.int64(3)").Longs("x"));
        Assert.Throws<InvalidOperationException>(() => PythonReference.Run("pass")["x"]);
    }

    [Fact]
    public void Tensors_come_back_and_the_seed_is_set()
    {
        const string code = "import torch; out['r'] = torch.rand(4, requires_grad=True); out['t'] = T(a) * 2";
        var first = PythonReference.Run(code, ("a", new[] { 1f, 2f }));
        Assert.Equal([2, 4], first.Floats("t"));
        Assert.Equal(first.Floats("r"), PythonReference.Run(code, ("a", new[] { 1f, 2f })).Floats("r"));
    }
}
