import { relu, setDefaultBackend, type Tensor, zeros } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { dropout, linear, Module, sequential } from '@kindling/nn';

class Classifier extends Module {
  readonly backbone = sequential(linear(784, 128), relu, dropout(0.2));
  readonly head = linear(128, 10);
  override forward(x: Tensor): Tensor {
    return this.head.forward(this.backbone.forward(x));
  }
}

setDefaultBackend(await cpu());
const model = new Classifier();
console.log(model.namedParameters().map(([name]) => name)); // backbone.0.weight, …, head.bias
console.log(model.eval().forward(zeros([1, 784])).shape); // [1, 10]
