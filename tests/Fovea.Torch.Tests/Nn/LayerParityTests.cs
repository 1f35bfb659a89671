using System.Text;
using Fovea.Tests;
using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

/// <summary>
/// Every layer against PyTorch's, run live with the same weights: names, output, gradients, running statistics. All layers
/// share one run of the interpreter.
/// </summary>
[LeakCheck]
public class LayerParityTests
{
    private const ulong Seed = 11;

    private static readonly Lazy<(LayerResult[] Ours, LayerResult[] Theirs)> Results = new(RunAll);

    public static IEnumerable<object[]> Cases => LayerCases.All.Select((c, i) => new object[] { i, c.Python });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_PyTorch(int index, string python)
    {
        var (ours, theirs) = (Results.Value.Ours[index], Results.Value.Theirs[index]);
        Assert.True(ours.Keys.SequenceEqual(theirs.Keys), $"{python}: keys {string.Join(' ', ours.Keys)}, PyTorch's {string.Join(' ', theirs.Keys)}");
        foreach (var (name, (shape, expected)) in theirs.Values)
        {
            Assert.True(ours.Values.ContainsKey(name), $"{python}: PyTorch has {name}, this has not");
            var (foundShape, found) = ours.Values[name];
            Assert.True(shape == foundShape, $"{python}: {name} is {foundShape}, PyTorch's {shape}");
            for (var i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(found[i] - expected[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{python}: {name}[{i}] is {found[i]}, PyTorch's {expected[i]}");
        }

        Assert.Equal(theirs.Values.Keys.Order(), ours.Values.Keys.Order());
    }

    private static (LayerResult[] Ours, LayerResult[] Theirs) RunAll()
    {
        var code = new StringBuilder("""
            import torch, torchvision
            from collections import OrderedDict
            from torch import nn
            from torch.nn import *
            import torch.nn.functional as F
            def case(i, m, run, evaluates, x, state, seed):
                out[f'keys{i}'] = ' '.join(m.state_dict().keys())
                m.load_state_dict({k: T(v).reshape(m.state_dict()[k].shape) for k, v in zip(m.state_dict().keys(), state)})
                x = T(x)
                if x.is_floating_point(): x.requires_grad_(True)
                torch.manual_seed(seed)
                if evaluates:
                    with torch.no_grad(): run(m, x); run(m, x * 2)
                    m.eval()
                y = run(m, x)
                out[f'y{i}'] = y
                if y.is_floating_point():
                    g = (torch.arange(y.numel(), dtype=torch.float32) * 0.7).sin().reshape(y.shape)
                    y.backward(g)
                    if x.grad is not None: out[f'dx{i}'] = x.grad
                    for k, p in m.named_parameters(): out[f'd{k}_{i}'] = p.grad
                for k, b in m.named_buffers(): out[f'b{k}_{i}'] = b.reshape(-1)

            """);
        var inputs = new List<(string, NdArray)>();
        var ours = LayerCases.All.Select((layerCase, i) => RunOne(layerCase, i, code, inputs)).ToArray();
        var answer = PythonReference.Run(code.ToString(), [.. inputs]);
        return (ours, [.. ours.Select((own, i) => Theirs(answer, own, i))]);
    }

    private static LayerResult Theirs(PythonReference answer, LayerResult own, int index)
    {
        var values = new Dictionary<string, (Shape, double[])>();
        foreach (var name in own.Values.Keys)
        {
            var array = answer[name.Length <= 2 ? $"{name}{index}" : $"{name}_{index}"];
            values[name] = (new Shape([.. array.Shape.Select(s => (long)s)]), array.To<double>());
        }

        return new LayerResult(answer.Text($"keys{index}").Split(' ', StringSplitOptions.RemoveEmptyEntries), values);
    }

    private static LayerResult RunOne(LayerCase layerCase, int index, StringBuilder code, List<(string, NdArray)> inputs)
    {
        using var scope = new TensorScope();
        RandomState.Seed(Seed + (ulong)index);
        using var module = layerCase.Make();
        Disturb(module);
        var state = module.StateDict();
        for (var i = 0; i < state.Count; i++)
            inputs.Add(($"s{index}_{i}", ToArray(state[i].Value)));
        var x = layerCase.Indices is { } bound ? Aten.Randint(bound, layerCase.Input, Dtype.Int64) : Tensor.Randn(layerCase.Input);
        inputs.Add(($"x{index}", ToArray(x)));
        var text = (bool value) => value ? "True" : "False";
        code.AppendLine(System.Globalization.CultureInfo.InvariantCulture,
            $"case({index}, {layerCase.Python}, lambda m, x: {layerCase.PythonRun}, {text(layerCase.Evaluates)}, x{index}, [{string.Join(", ", state.Select((_, i) => $"s{index}_{i}"))}], {Seed})");

        var run = layerCase.Run ?? ((m, t) => ((Layer)m).Forward(t));
        if (x.Dtype.IsFloatingPoint())
            x.RequiresGrad = true;
        RandomState.Seed(Seed);
        if (layerCase.Evaluates)
        {
            using (Autograd.NoGrad())
            {
                run(module, x);
                run(module, x * 2);
            }

            module.Eval();
        }

        var y = run(module, x);
        var values = new Dictionary<string, (Shape, double[])> { ["y"] = Read(y) };
        if (y.Dtype.IsFloatingPoint())
        {
            if (y.RequiresGrad)
                y.Backward((Tensor.Arange(y.Count, Dtype.Float32) * 0.7).Sin().Reshape(y.Shape));
            if (x.Gradient is { } gradient)
                values["dx"] = Read(gradient);
            foreach (var (name, parameter) in module.NamedParameters())
                values["d" + name] = Read(parameter.Gradient ?? throw new InvalidOperationException($"{layerCase.Python}: no gradient reached {name}"));
        }

        foreach (var (name, buffer) in module.NamedBuffers())
            values["b" + name] = Read(buffer.Reshape([-1]));
        return new LayerResult([.. state.Select(s => s.Key)], values);
    }

    /// <summary>Moves norms away from the identity, so that their scale, shift and statistics count.</summary>
    private static void Disturb(Module module)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, tensor) in module.StateDict())
        {
            if (!tensor.Dtype.IsFloatingPoint())
                continue;
            tensor.AddInPlace(Tensor.Rand(tensor.Shape) * 0.5);
        }
    }

    private static (Shape Shape, double[] Values) Read(Tensor tensor) => (tensor.Shape, tensor.To(Dtype.Float64).ToArray<double>());

    private static NdArray ToArray(Tensor tensor)
    {
        int[] shape = tensor.Rank == 0 ? [1] : [.. tensor.Shape.Select(s => (int)s)];
        return tensor.Dtype == Dtype.Int64 ? new NdArray(tensor.ToArray<long>(), shape) : new NdArray(tensor.ToArray<float>(), shape);
    }
}
