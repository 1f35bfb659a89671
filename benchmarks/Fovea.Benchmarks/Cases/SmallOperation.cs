using Fovea.Torch;

namespace Fovea.Benchmarks.Cases;

/// <summary>Addition of four elements: what a call costs.</summary>
internal static class SmallOperation
{
    private const int Calls = 100_000;

    public static void Measure()
    {
        using var a = Tensor.Rand([4]);
        using var b = Tensor.Rand([4]);
        Measurement.Report(
            () =>
            {
                for (var i = 0; i < Calls / 100; i++)
                {
                    using var scope = new TensorScope();
                    for (var j = 0; j < 100; j++)
                        a.Add(b);
                }
            },
            repetitions: 15,
            unitsPerCall: Calls);
    }
}
