using System.Reflection;
using Xunit.Sdk;

namespace Fovea.Torch.Tests;

/// <summary>Fails a test that leaves tensors undisposed behind it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class LeakCheckAttribute : BeforeAfterTestAttribute
{
    private long before;

    public override void Before(MethodInfo methodUnderTest) => before = TorchRuntime.LiveTensors;

    public override void After(MethodInfo methodUnderTest)
    {
        var left = TorchRuntime.LiveTensors - before;
        Assert.True(left <= 0, $"{methodUnderTest.Name} left {left} tensors undisposed");
    }
}
