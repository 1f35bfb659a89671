namespace Fovea.Torch.Tests;

[LeakCheck]
public class TensorTests
{
    [Fact]
    public void Arithmetic_broadcasts_and_reads_back()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        var y = Tensor.FromArray<float>([10, 20, 30]);
        Assert.Equal([12f, 24, 36, 18, 30, 42], (2 * x + y).ToArray<float>());
        Assert.Equal([0.5f, 1, 1.5f, 2, 2.5f, 3], (x / 2).ToArray<float>());
        Assert.Equal([6f, 3, 2], (6 / x[0]).ToArray<float>());
        Assert.Equal([true, false, false, true, true, true], ((x < 2) | (x > 3)).ToArray<bool>());
    }

    [Fact]
    public void Indexing_takes_numbers_ranges_masks_and_tensors()
    {
        using var scope = new TensorScope();
        var x = Tensor.Arange(24).Reshape([2, 3, 4]);
        Assert.Equal([20L, 21, 22, 23], x[1, ^1].ToArray<long>());
        Assert.Equal([5L, 6], x[0, 1, 1..3].ToArray<long>());
        Assert.Equal([3L, 7, 11, 15, 19, 23], x[TensorIndex.Ellipsis, -1].ToArray<long>());
        Assert.Equal<Shape>([2, 1, 3, 4], x[.., TensorIndex.NewAxis].Shape);
        Assert.Equal([0L, 2, 12, 14], x[.., 0, TensorIndex.Slice(.., 2)].ToArray<long>());
        Assert.Equal([22L, 23], x[x > 21].ToArray<long>());
        Assert.Equal([8L, 9, 10, 11, 0, 1, 2, 3], x[0, Tensor.FromArray<long>([2, 0])].ToArray<long>());
        x[0, 1] = Tensor.FromArray<long>([0]);
        Assert.Equal([0L, 0, 0, 0], x[0, 1].ToArray<long>());
        x[x > 3] = Tensor.FromScalar(7L);
        Assert.Equal(7, x.Max().ToInt64());
        Assert.Throws<ArgumentException>(() => x[0, 0, 0, 0]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => x[0, 3]);
        Assert.Contains("dimension 1 of shape [2, 3, 4], expected 0 to 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_of_two_dimensions_stands_beside_indices()
    {
        using var scope = new TensorScope();
        var x = Tensor.Arange(24).View([2, 3, 4]);
        var mask = Tensor.FromArray(new bool[,] { { true, false, false }, { false, false, true } });
        var columns = Tensor.FromArray<long>([3, 1]);
        Assert.Equal([3L, 21], x[mask, columns].ToArray<long>());
        Assert.Equal([0L, 1, 20, 21], x[mask, ..2].Flatten().ToArray<long>());
        Assert.Equal([1L, 21], x[mask, 1].ToArray<long>());
        x[mask, columns] = Tensor.FromArray<long>([-1, -2]);
        Assert.Equal([-1L, -2], x[mask, columns].ToArray<long>());
        Assert.Throws<ArgumentException>(() => x[mask, 0, 0]);
    }

    [Fact]
    public void Errors_name_the_operator_and_the_shapes()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => Tensor.Ones([2, 3]).Matmul(Tensor.Ones([2, 3])));
        Assert.StartsWith("aten::matmul(Float32[2, 3], Float32[2, 3]): ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception raised from", error.Message, StringComparison.Ordinal);
        var disposed = Tensor.Ones([1]);
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => disposed.Add(1));
    }

    [Fact]
    public void Spans_write_through_and_refuse_what_they_cannot_show()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([2, 2]);
        x.Span<float>()[3] = 5;
        Assert.Equal(5, x[1, 1].ToSingle());
        Assert.Throws<InvalidOperationException>(() => x.Span<double>().Length);
        Assert.Throws<InvalidOperationException>(() => x.T().Span<float>().Length);
        Assert.Equal([0f, 0, 0, 5], x.T().ToArray<float>());
    }

    [Fact]
    public void FromArray_copies()
    {
        var values = new[] { 1f, 2 };
        using var x = Tensor.FromArray(values);
        values[0] = 9;
        Assert.Equal([1f, 2], x.ToArray<float>());
        Assert.Throws<ArgumentException>(() => Tensor.FromArray(values, [3]));
    }

    [Fact]
    public void Scopes_free_all_but_what_is_kept()
    {
        var before = TorchRuntime.LiveTensors;
        Tensor kept;
        using (var scope = new TensorScope())
        {
            kept = scope.Keep(Tensor.Ones([4]).Add(1).Mul(2));
            Assert.Equal(before + 3, TorchRuntime.LiveTensors);
        }

        Assert.Equal(before + 1, TorchRuntime.LiveTensors);
        Assert.Equal([4f, 4, 4, 4], kept.ToArray<float>());
        kept.Dispose();
    }

    [Fact]
    public void Types_devices_and_layouts_convert()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<float>([1.5f, -2]);
        Assert.Equal([1L, -2], x.To(Dtype.Int64).ToArray<long>());
        Assert.Equal(Dtype.BFloat16, x.To(Dtype.BFloat16).Dtype);
        Assert.Equal(Device.Cpu, x.Device);
        var image = Tensor.Rand([1, 3, 4, 5]).Contiguous(MemoryFormat.ChannelsLast);
        Assert.True(image.IsContiguous(MemoryFormat.ChannelsLast));
        Assert.Equal([60L, 1, 15, 3], image.Strides);
        Assert.Throws<FoveaException>(() => Device.Parse("gpu"));
    }

    [Fact]
    public void Printing_is_readable()
    {
        using var scope = new TensorScope();
        Assert.Equal("Float32[2, 2] on cpu\n[[1.0000, 2.0000],\n [3.0000, 4.5000]]", Tensor.FromArray(new float[,] { { 1, 2 }, { 3, 4.5f } }).ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Long_tensors_print_their_ends_in_columns()
    {
        using var scope = new TensorScope();
        Assert.Equal("Int64[1000] on cpu\n[  0,   1,   2, ..., 997, 998, 999]", Printed(Tensor.Arange(1000)));
        var table = Tensor.Arange(40).View([40, 1]).Mul(Tensor.FromArray<long>([-1, 0, 1, 2, 3, 4, 5, 60]));
        Assert.Equal("""
            Int64[40, 8] on cpu
            [[   0,    0,    0, ...,    0,    0,    0],
             [  -1,    0,    1, ...,    4,    5,   60],
             [  -2,    0,    2, ...,    8,   10,  120],
             ...,
             [ -37,    0,   37, ...,  148,  185, 2220],
             [ -38,    0,   38, ...,  152,  190, 2280],
             [ -39,    0,   39, ...,  156,  195, 2340]]
            """, Printed(table));
        Assert.Equal("Int64[1] on cpu\n[9007199254740993]", Printed(Tensor.FromArray<long>([9007199254740993])));
        Assert.Equal("Bool[2] on cpu\n[ true, false]", Printed(Tensor.FromArray<bool>([true, false])));
        Assert.Equal("Float32[3] on cpu\n[-1.0000e+00,  2.0000e+06,         NaN]", Printed(Tensor.FromArray<float>([-1, 2e6f, float.NaN])));
        Assert.Equal("Float32[] on cpu\n0.5000", Printed(Tensor.FromArray<float>([0.5f])[0]));

        // A view of 64 TB, of which a few numbers are shown.
        Assert.EndsWith("[1.0000, 1.0000, 1.0000, ..., 1.0000, 1.0000, 1.0000]", Printed(Tensor.Ones([1]).Expand([1L << 44])), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_state_is_restored()
    {
        using var scope = new TensorScope();
        RandomState.Seed(7);
        var state = RandomState.Get();
        var first = Tensor.Rand([5]).ToArray<float>();
        RandomState.Set(state);
        Assert.Equal(first, Tensor.Rand([5]).ToArray<float>());
    }

    [Fact]
    public void Every_checked_in_operator_exists_in_this_libtorch()
    {
        var missing = new List<string>();
        foreach (var field in typeof(Tensor).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)
                     .Concat(typeof(Aten).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic))
                     .Where(f => f.Name.StartsWith("op_aten_", StringComparison.Ordinal)))
        {
            // op_aten_NAME_OVERLOAD: the name itself may hold underscores, so every split is tried.
            var text = field.Name["op_aten_".Length..];
            var splits = Enumerable.Range(1, text.Length - 1).Where(i => text[i] == '_').Select(i => (text[..i], text[(i + 1)..]));
            if (!splits.Any(s => Native.Dispatcher.Exists("aten::" + s.Item1, s.Item2)))
                missing.Add(text);
        }

        Assert.Empty(missing);
    }

    private static string Printed(Tensor tensor) => tensor.ToString().ReplaceLineEndings("\n");
}
