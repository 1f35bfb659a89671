using System.Globalization;
using Fovea.Tests;
using Fovea.Torch.Optim;
using Fovea.Torch.Serialization;

namespace Fovea.Torch.Tests.Optim;

/// <summary>Every optimizer against PyTorch's, run live on the same gradients, after every step.</summary>
[LeakCheck]
public sealed class OptimizerTests
{
    private const int Steps = 12;

    // Odd sizes, so that vector remainders and chunk ends are met.
    private static readonly long[][] Shapes = [[7, 3, 3, 3], [7], [33, 129], []];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var dtype in new[] { "float32", "float64" })
            {
                foreach (var name in Optimizers.Keys)
                    cases.Add(name, dtype);
            }

            return cases;
        }
    }

    private static Dictionary<string, (string Torch, Func<ParameterGroup[], Optimizer> Make, double Decay)> Optimizers { get; } = new()
    {
        ["sgd"] = ("SGD(groups)", groups => new Sgd(groups), 0),
        ["sgd decay"] = ("SGD(groups)", groups => new Sgd(groups), 0.1),
        ["momentum"] = ("SGD(groups, momentum=0.9)", groups => new Sgd(groups, 0.9), 0.05),
        ["dampening"] = ("SGD(groups, momentum=0.8, dampening=0.3)", groups => new Sgd(groups, 0.8, 0.3), 0),
        ["nesterov"] = ("SGD(groups, momentum=0.9, nesterov=True)", groups => new Sgd(groups, 0.9, nesterov: true), 0.05),
        ["nesterov no decay"] = ("SGD(groups, momentum=0.9, nesterov=True)", groups => new Sgd(groups, 0.9, nesterov: true), 0),
        ["adam"] = ("Adam(groups)", groups => new Adam(groups), 0),
        ["adam decay"] = ("Adam(groups, betas=(0.8, 0.99), eps=1e-4)", groups => new Adam(groups, 0.8, 0.99, 1e-4), 0.1),
        ["adamw"] = ("AdamW(groups)", groups => new AdamW(groups), 0.1),
        ["adamw no decay"] = ("AdamW(groups, eps=1e-5)", groups => new AdamW(groups, epsilon: 1e-5), 0),
        ["rmsprop"] = ("RMSprop(groups)", groups => new RmsProp(groups), 0.1),
        ["rmsprop momentum"] = ("RMSprop(groups, alpha=0.9, momentum=0.9)", groups => new RmsProp(groups, 0.9, momentum: 0.9), 0),
        ["rmsprop centered"] = ("RMSprop(groups, centered=True, eps=1e-3)", groups => new RmsProp(groups, epsilon: 1e-3, centered: true), 0),
        // PyTorch has no epsilon under the root: its formula is written out.
        ["rmsprop inception"] = (
            "SGD(groups); ms = {}; vel = {}\nclass Tf:\n  param_groups = opt.param_groups\n  def step(self):\n    for g in self.param_groups:\n      for p in g['params']:\n"
            + "        if p.grad is None: continue\n        with torch.no_grad():\n          ms[p] = .9 * ms.get(p, torch.zeros_like(p)) + .1 * p.grad ** 2\n"
            + "          vel[p] = .9 * vel.get(p, torch.zeros_like(p)) + p.grad / (ms[p] + 1.0).sqrt()\n          p -= g['lr'] * vel[p]\nopt = Tf()",
            groups => new RmsProp(groups, 0.9, 1.0, 0.9, epsilonUnderRoot: true), 0),
        ["rmsprop all"] = ("RMSprop(groups, centered=True, momentum=0.5)", groups => new RmsProp(groups, momentum: 0.5, centered: true), 0.1),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_PyTorch_after_every_step(string name, string dtype)
    {
        var (torch, make, decay) = Optimizers[name];
        var reference = PythonReference.Run(string.Create(CultureInfo.InvariantCulture, $$"""
            import torch
            torch.set_num_threads(1); dtype = torch.{{dtype}}
            shapes = {{ShapesText}}
            def values(shape, seed): return (torch.arange(int(np.prod(shape)), dtype=torch.float64) * 0.7 + seed).sin().reshape(shape).to(dtype)
            params = [values(s, i).requires_grad_() for i, s in enumerate(shapes)]
            groups = [{'params': params[:2], 'lr': 0.1, 'weight_decay': {{decay}}}, {'params': params[2:], 'lr': 0.03, 'weight_decay': {{decay / 2}}}]
            opt = torch.optim.{{torch.Replace("(groups", "(groups, lr=0.5", StringComparison.Ordinal)}}
            for t in range({{Steps}}):
                for i, p in enumerate(params): p.grad = None if i == 1 and t % 3 == 1 else values(shapes[i], 100 * t + 10 * i + 1)
                opt.step()
                if t == 5: opt.param_groups[0]['lr'] *= 0.5; opt.param_groups[1]['lr'] *= 0.5
                out[f's{t}'] = torch.cat([p.detach().double().flatten() for p in params])
            """));
        using var scope = new TensorScope();
        var parameters = MakeParameters(dtype);
        using var optimizer = make(Groups(parameters, decay));
        for (var t = 0; t < Steps; t++)
        {
            GiveGradients(parameters, t, dtype);
            optimizer.Step();
            if (t == 5)
                optimizer.ScaleLearningRates(0.5);
            Compare(reference.Doubles($"s{t}"), parameters, dtype == "float64" ? 1e-12 : 2e-6, $"{name} {dtype} step {t}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void State_saved_and_restored_continues_bit_for_bit(string name, string dtype)
    {
        var (_, make, decay) = Optimizers[name];
        var path = Path.Combine(Path.GetTempPath(), $"fovea-optimizer-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var scope = new TensorScope();
            var parameters = MakeParameters(dtype);
            using var optimizer = make(Groups(parameters, decay));
            for (var t = 0; t < 5; t++)
                Step(optimizer, parameters, t, dtype);
            StateDict.Save(path, optimizer.StateDict());
            var copies = parameters.Select(parameter => parameter.Detach().Clone()).ToList();
            copies.ForEach(copy => copy.RequiresGrad = true);
            using var resumed = make(Groups(copies, decay));
            using (var file = WeightsFile.Open(path))
                resumed.LoadStateDict(StateDict.Read(file));
            for (var t = 5; t < 9; t++)
            {
                Step(optimizer, parameters, t, dtype);
                Step(resumed, copies, t, dtype);
            }

            foreach (var (a, b) in parameters.Zip(copies))
                Assert.Equal(a.ToBytes(), b.ToBytes());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Foreign_state_is_refused_and_leaves_none()
    {
        using var scope = new TensorScope();
        var parameters = MakeParameters("float32");
        using var adam = new Adam(Groups(parameters, 0));
        Step(adam, parameters, 0, "float32");
        var state = adam.StateDict();
        using var sgd = new Sgd(Groups(parameters, 0), 0.9);
        Assert.Contains("exp_avg", Assert.Throws<FoveaException>(() => sgd.LoadStateDict(state)).Message, StringComparison.Ordinal);
        Assert.Empty(sgd.StateDict());
        using var other = new Adam(Groups(parameters, 0));
        var uncounted = state.Select(pair => pair.Key == "step.p0" ? new(pair.Key, Tensor.Full([], double.NaN)) : pair);
        Assert.Contains("step.p0: found NaN", Assert.Throws<FoveaException>(() => other.LoadStateDict(uncounted)).Message, StringComparison.Ordinal);
        foreach (var gone in new[] { "step.p0", "exp_avg.p0", "exp_avg_sq.p0" })
            Assert.Contains("p0: found only a part", Assert.Throws<FoveaException>(() => other.LoadStateDict(state.Where(pair => pair.Key != gone))).Message, StringComparison.Ordinal);
        Assert.Empty(other.StateDict());
        var reshaped = state.Select(pair => pair.Key == "exp_avg.p0" ? new(pair.Key, Tensor.Zeros([1])) : pair);
        Assert.Contains("exp_avg.p0: found the shape [1]", Assert.Throws<FoveaException>(() => adam.LoadStateDict(reshaped)).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<FoveaException>(() => new Sgd([new(Named(parameters), 1), new(Named(parameters), 1)])).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => new Sgd([]));
        Assert.Throws<FoveaException>(() => new Sgd(Groups(parameters, 0), nesterov: true));
    }

    [Fact]
    public void Channels_last_parameters_move_alike()
    {
        foreach (var name in Optimizers.Keys)
        {
            using var scope = new TensorScope();
            var plain = MakeParameters("float32");
            var last = MakeParameters("float32");
            last[0].SetData(last[0].Detach().Contiguous(MemoryFormat.ChannelsLast));
            using var a = Optimizers[name].Make(Groups(plain, 0.1));
            using var b = Optimizers[name].Make(Groups(last, 0.1));
            for (var t = 0; t < 4; t++)
            {
                Step(a, plain, t, "float32");
                GiveGradients(last, t, "float32");
                if (t > 1)
                    last[0].Gradient = last[0].Gradient!.Contiguous(MemoryFormat.ChannelsLast);
                b.Step();
            }

            Assert.True(last[0].IsContiguous(MemoryFormat.ChannelsLast));
            Compare(plain[0].ToArray<float>().Select(value => (double)value).ToArray(), last[..1], 1e-6, name);
        }
    }

    [Fact]
    public void One_pass_over_many_chunks_equals_the_foreach_operators()
    {
        using var scope = new TensorScope();
        long[] shape = [3 * FusedPass.ChunkSize + 5];
        foreach (var (name, (_, make, _)) in Optimizers)
        {
            // A column of a matrix has gaps between its elements, which the fused pass leaves to the operators.
            var dense = Values(shape, 1, "float32");
            var other = Values([shape[0], 5], 1, "float32")[.., 0];
            other.CopyInPlace(dense);
            Assert.False(other.IsContiguous());
            using var a = make([new([new("w", dense)], 0.1, 0.05)]);
            using var b = make([new([new("w", other)], 0.1, 0.05)]);
            for (var t = 0; t < 3; t++)
            {
                dense.Gradient = Values(shape, t, "float32");
                other.Gradient = Values(shape, t, "float32");
                a.Step();
                b.Step();
            }

            var difference = (dense - other).Abs().Max().ToDouble();
            Assert.True(difference < 2e-6, $"{name}: found a difference of {difference}");
        }
    }

    private static string ShapesText => "[" + string.Join(", ", Shapes.Select(shape => $"[{string.Join(", ", shape)}]")) + "]";

    private static void Step(Optimizer optimizer, IReadOnlyList<Tensor> parameters, int t, string dtype)
    {
        GiveGradients(parameters, t, dtype);
        optimizer.Step();
    }

    private static List<Tensor> MakeParameters(string dtype)
    {
        var parameters = Shapes.Select((shape, i) => Values(shape, i, dtype)).ToList();
        parameters.ForEach(parameter => parameter.RequiresGrad = true);
        return parameters;
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Named(IEnumerable<Tensor> parameters, int first = 0) =>
        parameters.Select((parameter, i) => KeyValuePair.Create($"p{first + i}", parameter));

    private static ParameterGroup[] Groups(IReadOnlyList<Tensor> parameters, double decay) =>
        [new(Named(parameters.Take(2)), 0.1, decay), new(Named(parameters.Skip(2), 2), 0.03, decay / 2)];

    // One parameter has no gradient in some steps, so that its own count of steps falls behind.
    private static void GiveGradients(IReadOnlyList<Tensor> parameters, int t, string dtype)
    {
        for (var i = 0; i < parameters.Count; i++)
            parameters[i].Gradient = i == 1 && t % 3 == 1 ? null : Values(Shapes[i], 100 * t + 10 * i + 1, dtype);
    }

    private static Tensor Values(long[] shape, double seed, string dtype)
    {
        var values = Enumerable.Range(0, (int)new Shape(shape).Count).Select(i => Math.Sin(i * 0.7 + seed)).ToArray();
        return dtype == "float64" ? Tensor.FromArray(values, shape) : Tensor.FromArray(Array.ConvertAll(values, value => (float)value), shape);
    }

    private static void Compare(double[] expected, IReadOnlyList<Tensor> parameters, double tolerance, string what)
    {
        var at = 0;
        foreach (var parameter in parameters)
        {
            foreach (var value in parameter.Detach().To(Dtype.Float64).Contiguous().ToArray<double>())
            {
                if (!(Math.Abs(value - expected[at]) <= tolerance * Math.Max(1, Math.Abs(expected[at]))))
                    Assert.Fail($"{what} element {at}: found {value:R}, expected {expected[at]:R}");
                at++;
            }
        }

        Assert.Equal(expected.Length, at);
    }
}
