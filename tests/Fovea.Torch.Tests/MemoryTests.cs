using System.Diagnostics;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;

namespace Fovea.Torch.Tests;

[LeakCheck]
public class MemoryTests
{
    [Fact]
    public void A_million_small_operations_hold_memory_flat()
    {
        using var x = Tensor.Rand([4]);
        void Loop(int count)
        {
            for (var i = 0; i < count; i++)
                x.Add(1).Dispose();
        }

        Loop(100_000);
        var before = ResidentBytes();
        Loop(1_000_000);
        var grown = ResidentBytes() - before;
        Assert.True(grown < 20 << 20, $"1,000,000 operations grew the process by {grown >> 20} MiB, expected less than 20");
    }

    [Fact]
    public void A_long_training_loop_holds_memory_flat()
    {
        using var network = new Sequential(new Conv2d(3, 8, 3, padding: 1), new BatchNorm2d(8), new ReLU(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(8, 4));
        using var optimizer = new Adam([new ParameterGroup(network.NamedParameters(), 1e-3)]);
        void Train(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                using var scope = new TensorScope();
                optimizer.ZeroGradients();
                network.Forward(Tensor.Rand([4, 3, 16, 16])).CrossEntropyLoss(Tensor.Arange(4)).Backward();
                optimizer.Step();
            }
        }

        Train(300);
        var before = ResidentBytes();
        var handles = TorchRuntime.LiveTensors;
        Train(3000);
        var grown = ResidentBytes() - before;
        Assert.Equal(handles, TorchRuntime.LiveTensors);
        Assert.True(grown < 20 << 20, $"3,000 training steps grew the process by {grown >> 20} MiB, expected less than 20");
    }

    [Fact]
    public void Forgotten_tensors_are_collected()
    {
        var before = ResidentBytes();
        Forget(400);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TorchRuntime.EmptyCache(Device.Cpu);
        var grown = ResidentBytes() - before;
        Assert.True(grown < 400L << 20, $"400 forgotten tensors of 4 MiB left {grown >> 20} MiB in use, expected the collector to have freed most");
    }

    [Fact]
    public void Memory_of_a_large_tensor_serves_the_next()
    {
        TorchRuntime.EmptyCache(Device.Cpu);
        var (inUse, _) = TorchRuntime.LargeTensorMemory;
        using (Tensor.Zeros([3, 1 << 20]))
            Assert.Equal((inUse + (12 << 20), 0), TorchRuntime.LargeTensorMemory);
        Assert.Equal((inUse, 12 << 20), TorchRuntime.LargeTensorMemory);
        using (var next = Tensor.Zeros([3, (1 << 20) - 100]))
        {
            Assert.Equal((inUse + (12 << 20), 0), TorchRuntime.LargeTensorMemory);
            using var sum = next.Sum();
            Assert.Equal(0, sum.ToDouble());
        }

        TorchRuntime.EmptyCache(Device.Cpu);
        Assert.Equal((inUse, 0), TorchRuntime.LargeTensorMemory);
    }

    [Fact]
    public void What_is_kept_is_never_more_than_was_in_use_at_once()
    {
        TorchRuntime.EmptyCache(Device.Cpu);
        var (before, _) = TorchRuntime.LargeTensorMemory;
        for (var megabytes = 1; megabytes < 64; megabytes++)
        {
            Tensor.Zeros([megabytes, 1 << 18]).Dispose();
            var (inUse, kept) = TorchRuntime.LargeTensorMemory;
            Assert.Equal(before, inUse);
            Assert.InRange(kept, 1 << 20, (long)megabytes << 20);
        }
    }

    [Fact]
    public void The_most_that_was_in_use_is_forgotten_in_time()
    {
        TorchRuntime.EmptyCache(Device.Cpu);
        Tensor.Zeros([256, 1 << 18]).Dispose();
        for (var i = 0; i < 9000; i++)
            Tensor.Empty([1, 1 << 18]).Dispose();
        Assert.InRange(TorchRuntime.LargeTensorMemory.Kept, 0, 8 << 20);
    }

    [Fact]
    public void Large_tensors_are_shared_between_threads()
    {
        Parallel.For(0, 200, i =>
        {
            using var x = Tensor.Full([(1 << 18) + i], i);
            using var sum = x.Sum(dtype: Dtype.Float64);
            Assert.Equal((double)i * ((1 << 18) + i), sum.ToDouble());
        });
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(int count)
    {
        for (var i = 0; i < count; i++)
            _ = Tensor.Zeros([1 << 20]);
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
